#include "llmdyno/catalog/catalog.h"

#include "catalog/built_in_arrivals.h"
#include "catalog/built_in_dialects.h"
#include "catalog/built_in_sinks.h"
#include "catalog/file_workloads.h"
#include "catalog/prompt_workloads.h"
#include "catalog/serving_workloads.h"

namespace llmdyno {

Catalog MakeBuiltInCatalog() {
  Catalog catalog;
  AddPromptWorkloads(catalog.workloads);
  AddFileWorkloads(catalog.workloads);
  AddServingWorkloads(catalog.workloads);
  AddBuiltInArrivals(catalog.arrivals);
  AddBuiltInDialects(catalog.dialects);
  AddBuiltInSinks(catalog.sinks);
  AddBuiltInReportWriters(catalog.writers);
  return catalog;
}

}  // namespace llmdyno
