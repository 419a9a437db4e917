#include "llmdyno/catalog/catalog.h"

#include "catalog/prompt_workloads.h"

namespace llmdyno {

Catalog MakeBuiltInCatalog() {
  Catalog catalog;
  AddPromptWorkloads(catalog.workloads);
  return catalog;
}

}  // namespace llmdyno
