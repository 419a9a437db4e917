// Puts a guard around what a plugin's factory made, one function for each extension point.
#pragma once

#include <memory>

#include "catalog/plugin_guard.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/report/report_writer.h"
#include "llmdyno/workload/request_source.h"

namespace llmdyno {

using PluginHold = std::shared_ptr<const PluginIdentity>;

// `made` is not null. What a guard does about nonsense is said in docs/extending.md, "How faults look".
std::unique_ptr<RequestSource> Guarded(std::unique_ptr<RequestSource> made, PluginHold plugin);
std::unique_ptr<ArrivalProcess> Guarded(std::unique_ptr<ArrivalProcess> made, PluginHold plugin);
std::shared_ptr<const Dialect> Guarded(std::shared_ptr<const Dialect> made, PluginHold plugin);
std::unique_ptr<RecordSink> Guarded(std::unique_ptr<RecordSink> made, PluginHold plugin);
std::unique_ptr<ReportWriter> Guarded(std::unique_ptr<ReportWriter> made, PluginHold plugin);

}  // namespace llmdyno
