// Everything that a tool needs to put an endpoint under load from its own process and to read the result; the
// extension points come along. Those who only explain records include what they use from llmdyno/metrics and
// llmdyno/report and link llmdyno::analysis; the simulated endpoint and the conformance suites have headers of
// their own in llmdyno/sim and llmdyno/testing.
//
// The order in which a tool uses it: fill a RunSpec, then Measure, or Measurement::Begin and Step in a loop of
// the tool's own. With parts of its own: make a transport and a Catalog, MakePlan, ExecuteRun (or Run::Begin
// and Step) with a RunMetricsBuilder among its sinks, Build. Nothing here prints, exits, throws (but for
// std::bad_alloc) or installs a signal handler. Each run is used by one thread; several runs may
// be under way in one process, each with a transport of its own.
#pragma once

#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/rate.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/base/time.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/catalog/run_spec_json.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/core/request.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/load/closed_loop.h"
#include "llmdyno/load/load_model.h"
#include "llmdyno/load/open_loop.h"
#include "llmdyno/load/stop_condition.h"
#include "llmdyno/measure/measurement.h"
#include "llmdyno/measure/result_json.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/metrics/serving_metrics.h"
#include "llmdyno/metrics/serving_metrics_builder.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/net/transport.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/run.h"
#include "llmdyno/run/run_control.h"
#include "llmdyno/run/run_plan.h"
#include "llmdyno/run/run_progress.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/request_source.h"
#include "llmdyno/workload/scenario.h"
