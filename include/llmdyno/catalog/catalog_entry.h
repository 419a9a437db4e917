// What stands in a catalog, as plain values for those who list it.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/base/registry.h"
#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

struct CatalogEntry {
  std::string kind;  // "workload", "arrival process", "dialect", "record sink", "report writer"
  std::string name;
  std::string summary;
  std::vector<SettingHelp> settings;
};

// Kind after kind, each in the order in which its entries were added.
std::vector<CatalogEntry> EntriesOf(const Catalog& catalog);

}  // namespace llmdyno
