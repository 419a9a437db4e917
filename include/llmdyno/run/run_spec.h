// A run as it can be written down: values only, no live object. catalog/make_plan.h turns it into one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "llmdyno/base/money.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/load/closed_loop.h"
#include "llmdyno/load/open_loop.h"
#include "llmdyno/load/stop_condition.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/workload/prompt_filter.h"
#include "llmdyno/workload/prompt_source.h"

namespace llmdyno {

// What to send.
struct WorkloadSpec {
  // A workload of the catalog ("synthetic", "dolly", "file", "random", …) or a plugin's, with its settings if
  // need be: "random:input_len=512".
  std::string name;
  std::string path;             // the dataset's file; empty: its usual places under ./datasets
  std::string format = "auto";  // of the workload "file": "auto" or one of DatasetFormatNames()
  bool shuffle = false;         // of a file's rows: in random order, a new one each time round
  // How many different requests are prepared by the workloads that prepare them before the run (random,
  // sonnet, sharegpt-serving); then they come round again. Unset: 1000.
  std::optional<int64_t> requests = {};
  PromptTokenRange tokens;  // which prompts of a prompt dataset, by the length of the user's part
  PromptRequestConfig request;
};

// When to send: as users do, or by a schedule.
using LoadSpec = std::variant<ClosedLoopConfig, OpenLoopConfig>;

struct RunSpec {
  Endpoint endpoint;
  // A dialect of the catalog ("openai", "embeddings", "rerank") or a plugin's, with its settings if need be:
  // "mine:version=2". What every dialect may be asked for is in `dialect`; one that cannot do it says so.
  std::string dialect_name = "openai";
  OpenAiDialectConfig dialect;
  WorkloadSpec workload;
  LoadSpec load;
  StopCondition stop;
  CurlTransportConfig transport;
  int64_t warm_up_requests = 0;  // sent before the measured part, with prompts of their own
  Duration drain_timeout = std::chrono::seconds(30);
  // Of a series of levels each is a run of its own. The seed is that of the series: every level sends the
  // same requests in the same order.
  uint64_t seed = 0;
  int64_t level = 0;
  // Ids count up from here, the warm-up's first. The runs of one transport must not share ids, so the next
  // level begins where this one's warm-up and measured requests end.
  int64_t first_request_id = 0;
  bool keep_texts = false;
  // Threads that send and receive, each with a transport of its own; 0: one for each processor that the
  // process may use. What is sent, and in which order, is the same for any number.
  int shards = 1;
  // What the machine that serves costs an hour: results then say what tokens cost.
  std::optional<MicroUsd> price_per_hour = {};

  // The first problem of any part, in a sentence.
  absl::Status Validate() const;
};

}  // namespace llmdyno
