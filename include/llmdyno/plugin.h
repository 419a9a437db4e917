// Everything that the author of a plugin includes: the interfaces of the five extension points, the settings
// that a command line gives them, and the entry point LLMDYNO_PLUGIN. docs/extending.md leads from an empty
// folder to a tested plugin.
//
// A plugin is a shared library. It brings its own copy of what it calls of the library, by linking
// llmdyno::llmdyno, static or shared; what crosses to the program that loads it are the values and interfaces
// below.
#pragma once

#include "llmdyno/base/background_writer.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/params.h"
#include "llmdyno/base/random.h"
#include "llmdyno/base/registry.h"
#include "llmdyno/base/time.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/catalog/plugin_abi.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/core/request.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/dialect/stream_event.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/metrics/request_metrics.h"
#include "llmdyno/report/report_writer.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/workload/request_source.h"
#include "llmdyno/workload/token_counter.h"
