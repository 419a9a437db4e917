#include "llmdyno/catalog/catalog_entry.h"

namespace llmdyno {
namespace {

template <typename Registry>
void Append(const Registry& registry, std::vector<CatalogEntry>& entries) {
  for (const auto& entry : registry.entries()) {
    entries.push_back({registry.kind(), entry.name, entry.summary, entry.settings});
  }
}

}  // namespace

std::vector<CatalogEntry> EntriesOf(const Catalog& catalog) {
  std::vector<CatalogEntry> entries;
  Append(catalog.workloads, entries);
  Append(catalog.arrivals, entries);
  Append(catalog.dialects, entries);
  Append(catalog.sinks, entries);
  Append(catalog.writers, entries);
  return entries;
}

}  // namespace llmdyno
