// The names that a command line may use, as an ordinary value: no globals, explicit registration. Apps make
// one and hand it to MakePlan. Safe to read from any thread once nothing is added any more.
#pragma once

#include <memory>
#include <string>

#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/random.h"
#include "llmdyno/base/registry.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/report/report_writer.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/request_source.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// What a workload's factory is given beside its own settings.
struct WorkloadContext {
  const WorkloadSpec& spec;
  TokenCounter& token_counter;  // the endpoint's own where it offers one
  Rng rng;                      // for this workload alone
  const Diagnostics& diagnostics;
};

// What makes a run's RequestSource, by name.
using WorkloadRegistry = Registry<std::unique_ptr<RequestSource>, const WorkloadContext&>;

// What an arrival process's factory is given beside its own settings.
struct ArrivalContext {
  const ArrivalSchedule& schedule;  // how fast and how many; valid, the spec was checked
  Rng rng;                          // for this process alone
  const std::string& trace_path;    // the dataset's file, for a process that reads a trace and names none
  const Diagnostics& diagnostics;
};

// What makes an open loop's ArrivalProcess, by name.
using ArrivalRegistry = Registry<std::unique_ptr<ArrivalProcess>, const ArrivalContext&>;

// What a dialect's factory is given beside its own settings.
struct DialectContext {
  const RunSpec& spec;  // spec.dialect is what the request flags say: streams, lengths, extra members
  const Diagnostics& diagnostics;
};

// What spells a run's requests and reads their answers, by name.
using DialectRegistry = Registry<std::shared_ptr<const Dialect>, const DialectContext&>;

// What a record sink's factory is given beside its own settings.
struct RecordSinkContext {
  std::string folder;              // where the result's files lie; it exists
  TimePoint origin;                // the run's zero: the instants of records are on the same clock
  WallTime started_at;             // when that was
  std::string configuration_json;  // what the run was told, an object; holds no secret
  const Diagnostics& diagnostics;
};

// A sink is opened once and sees the whole command: warm-up requests (record.phase says so), and every level
// and repetition with a finish line of its own.
using RecordSinkRegistry = Registry<std::unique_ptr<RecordSink>, const RecordSinkContext&>;

// The five extension points. A host adds its own entries to the value that MakeBuiltInCatalog() returns.
struct Catalog {
  WorkloadRegistry workloads{"workload"};
  ArrivalRegistry arrivals{"arrival process"};
  DialectRegistry dialects{"dialect"};
  RecordSinkRegistry sinks{"record sink"};
  ReportWriterRegistry writers{"report writer"};
};

// Everything that llmdyno brings along.
Catalog MakeBuiltInCatalog();

}  // namespace llmdyno
