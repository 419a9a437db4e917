// Datasets of the Hugging Face hub, fetched page by page through its dataset server and kept on disk. Called
// before a run, on the thread that polls the transport; blocks while the server answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/net/transport.h"

namespace llmdyno {

// Where the hub is, how to be let in, and where its datasets are kept.
struct HubSettings {
  std::string server = "https://datasets-server.huggingface.co";  // serves /splits and /rows
  std::string hub = "https://huggingface.co";                     // knows the present names of renamed sets
  Secret token;                                                   // sent to these two only
  std::string cache_directory;

  // From HF_ENDPOINT (in place of both addresses), HF_TOKEN, and the first of HF_HOME, XDG_CACHE_HOME and
  // HOME that is set: $HF_HOME/llmdyno, $XDG_CACHE_HOME/llmdyno, $HOME/.cache/llmdyno. `lookup` gives null
  // for a variable that is not set.
  using Lookup = std::function<const char*(const char* variable)>;
  // With what `lookup` says of each variable.
  static HubSettings FromEnvironment(const Lookup& lookup);
  // Of this process's environment.
  static HubSettings FromEnvironment();
};

// Which dataset is wanted, and how much of it.
struct HubDatasetConfig {
  std::string dataset;         // "rajpurkar/squad"
  std::string subset;          // empty: the only one, "default", or the first
  std::string split;           // empty: "train", or the first
  std::string image_column;    // its pictures are fetched, too; empty: none
  int64_t max_rows = 100'000;  // the rest of a larger set is left where it is
  HubSettings settings;
};

// The path of a JSON Lines file in the cache, a row of the dataset on each line; pictures stand there as
// {"bytes": base64}, for the addresses that the server gives expire. A file that is complete is used without
// the network, whatever became of the dataset since; deleting it has it fetched anew. Answers of 408, 429 and
// 5xx (501 apart) and failed connections are tried again, as late as Retry-After asks for.
//
// The transport must not be in use by a run. InvalidArgument: a name that cannot be one, an unknown subset or
// split (with those that there are). NotFound: no such dataset. PermissionDenied: one that needs another
// token. Unavailable: the server does not answer, or not as a dataset server does, or the cache cannot be
// written. All in sentences that never hold the token.
absl::StatusOr<std::string> FetchHubDataset(const HubDatasetConfig& config, Transport& transport,
                                            const Clock& clock, const Diagnostics& diagnostics);

}  // namespace llmdyno
