// What every measuring app can be told about the endpoint, the requests and the connection to it: the flags,
// and what they mean for a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/flag_table.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

struct EndpointOptions {
  std::string base_url;
  std::string model;
  Secret api_key;
  std::vector<std::string> headers;
  std::string simulate;       // a profile of the simulated endpoint; empty: a real endpoint
  bool virtual_time = false;  // of the simulated endpoint: no sockets, and a clock that does not wait

  // Checks that the required ones are there, with --simulate or without, in a sentence that names what is
  // missing
  // (`also_missing`: an app's own required flags); fills in what follows from --simulate and OPENAI_API_KEY.
  absl::Status Complete(const std::string& program, const std::string& url_flag,
                        const std::vector<std::string>& also_missing = {});
  // Needs Complete. With --simulate the URL stays empty: it is known once the simulator runs.
  absl::Status ApplyTo(RunSpec& spec, const std::string& url_flag) const;
};

// How a request is spelled.
struct RequestOptions {
  std::string api = "chat";
  bool no_stream = false;
  bool no_usage = false;
  bool continuous_usage = false;
  bool ignore_eos = false;
  std::optional<int64_t> min_tokens;
  std::optional<double> temperature;
  std::string max_tokens_field = "max_tokens";
  std::string extra_body;

  absl::Status ApplyTo(RunSpec& spec) const;
};

struct ConnectionOptions {
  CurlTransportConfig config = {};
  bool insecure = false;
  bool no_kernel_stamps = false;
  std::string threads = "1";

  absl::Status ApplyTo(RunSpec& spec) const;
};

// Each adds a section. The options must outlive the table.
void AddEndpointFlags(FlagTable& flags, EndpointOptions& options, const std::string& url_flag,
                      const std::vector<std::string>& url_aliases);
void AddRequestFlags(FlagTable& flags, RequestOptions& options);
void AddConnectionFlags(FlagTable& flags, ConnectionOptions& options);

// For files that are given by a flag: InvalidArgument with a sentence when one cannot be read. Empty paths
// are fine.
absl::Status CheckReadable(std::string_view flag, const std::string& path);

}  // namespace llmdyno
