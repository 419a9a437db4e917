// A run as it can be written down: values only, no live object. catalog/make_plan.h turns it into one.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/load/closed_loop.h"
#include "llmdyno/load/stop_condition.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/workload/prompt_filter.h"
#include "llmdyno/workload/prompt_source.h"

namespace llmdyno {

struct WorkloadSpec {
  std::string name;  // a workload of the catalog: "synthetic", "dolly", "sharegpt", "billsum", or a plugin's
  std::string path;  // the dataset's file; empty: its usual places under ./datasets
  PromptTokenRange tokens;  // which prompts, by the length of the user's part
  PromptRequestConfig request;
};

struct RunSpec {
  Endpoint endpoint;
  OpenAiDialectConfig dialect;
  WorkloadSpec workload;
  ClosedLoopConfig load;
  StopCondition stop;
  CurlTransportConfig transport;
  int64_t warm_up_requests = 0;  // sent before the measured part, with prompts of their own
  Duration drain_timeout = std::chrono::seconds(30);
  uint64_t seed = 0;
  bool keep_texts = false;

  // The first problem of any part, in a sentence.
  absl::Status Validate() const;
};

}  // namespace llmdyno
