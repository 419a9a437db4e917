// A dataset configuration that names a set of the hub, over real sockets: a stand-in of the dataset server on
// one side, the libcurl transport on the other.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "llmdyno/catalog/load_dataset.h"
#include "llmdyno/hub/hub_dataset.h"
#include "loopback/loopback.h"
#include "unit/hub/made_hub.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kToken = "hf_a_token_that_nobody_may_see";

// Serves a MadeHub. What it was asked is read when no request is under way.
class HubServer {
 public:
  explicit HubServer(MadeHub& hub) : hub_(hub) {}
  std::string base_url() const { return server_.base_url(); }

  std::vector<std::string> requests;  // whole heads

 private:
  void Serve(int socket) {
    for (std::string request = ReadRequest(socket); !request.empty(); request = ReadRequest(socket)) {
      const std::lock_guard lock(mutex_);
      requests.push_back(request);
      const size_t begin = request.find(' ') + 1;
      const MadeAnswer answer = hub_.Answer(request.substr(begin, request.find(' ', begin) - begin));
      std::string head =
          "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nContent-Type: application/json\r\n";
      if (answer.retry_after_seconds > 0) {
        head += "Retry-After: " + std::to_string(answer.retry_after_seconds) + "\r\n";
      }
      SendAll(socket,
              head + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body);
    }
  }

  MadeHub& hub_;
  std::mutex mutex_;
  RawServer server_{[this](int socket, int64_t) { Serve(socket); }};
};

// A variable of the environment for the length of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* const name_;
  std::optional<std::string> before_;
};

class Bench {
 public:
  absl::StatusOr<DatasetRows> Load(const std::string& json) {
    auto transport = MakeCurlTransport({}, SystemClock(), Diagnostics());
    REQUIRE(transport.ok());
    auto config = ParseDatasetConfig(json, folder.path());
    CAPTURE(config.status().ToString());
    REQUIRE(config.ok());
    const RunSetting setting{catalog_, **transport, SystemClock(), diagnostics_};
    auto rows = LoadDataset(*config, setting, *counter_);
    said += rows.status().ToString() + "\n";
    return rows;
  }

  const TemporaryFolder folder;
  std::string said;

 private:
  const Catalog catalog_ = MakeBuiltInCatalog();
  const std::unique_ptr<TokenCounter> counter_ = MakeEstimatingTokenCounter();
  const Diagnostics diagnostics_{
      [this](Severity, std::string_view text) { said += std::string(text) + "\n"; }};
};

}  // namespace

TEST_CASE("A set of the hub is fetched with a token that nobody sees, and used again without the server",
          "[hub_dataset]") {
  Bench bench;
  MadeHub hub;
  int64_t refusals = 1;
  hub.answer_first = [&](const std::string& target) -> MadeAnswer {
    if (!target.ends_with("offset=100&length=100") || refusals-- <= 0) return {0, ""};
    return {429, R"({"error":"Too many requests"})", 1};
  };
  auto server = std::make_unique<HubServer>(hub);
  const Variable endpoint("HF_ENDPOINT", server->base_url());
  const Variable token("HF_TOKEN", kToken);
  const Variable home("HF_HOME", bench.folder.File("hf"));
  const std::string json = R"({"source": {"type": "huggingface", "path": "user/set",
      "huggingface_kwargs": {"split": "train", "streaming": true}}, "prompt_template": "Say {text}."})";
  const TimePoint start = SystemClock().Now();
  const auto rows = bench.Load(json);
  CAPTURE(bench.said);
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 250);
  CHECK(rows->rows[249].prompt == "Say row 249.");
  CHECK(SystemClock().Now() - start >= 1s);
  CHECK(server->requests.size() == 1 + 3 + 1);
  for (const std::string& request : server->requests) {
    CHECK_THAT(request, Contains("Authorization: Bearer " + std::string(kToken)));
    CHECK(request.starts_with("GET /"));
  }
  CHECK_THAT(bench.said, Contains("ignored in huggingface_kwargs: streaming"));
  CHECK_THAT(bench.said, Contains("it is asked again in 1s"));

  server = nullptr;
  const auto again = bench.Load(json);
  REQUIRE(again.ok());
  CHECK(again->rows.size() == 250);
  CHECK_THAT(bench.said, Contains("was fetched before"));
  const auto other = bench.Load(R"({"source": {"type": "huggingface", "path": "user/other"}})");
  CHECK(absl::IsUnavailable(other.status()));

  CHECK_THAT(bench.said, !Contains(kToken));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.folder.path())) {
    if (entry.is_regular_file()) CHECK_THAT(ReadAll(entry.path().string()), !Contains(kToken));
  }
}

TEST_CASE("An unknown split of a set on the hub is refused with those that there are", "[hub_dataset]") {
  Bench bench;
  MadeHub hub;
  const HubServer server(hub);
  const Variable endpoint("HF_ENDPOINT", server.base_url());
  const Variable home("HF_HOME", bench.folder.File("hf"));
  const auto rows = bench.Load(
      R"({"source": {"type": "huggingface", "path": "user/set", "huggingface_kwargs": {"split": "dev"}}})");
  CHECK(absl::IsInvalidArgument(rows.status()));
  CHECK(rows.status().message() ==
        "the dataset 'user/set' has no split 'dev' in its subset 'default'; there are 'test', 'train'");
}

TEST_CASE("Pictures of a set on the hub are there when it is read", "[hub_dataset]") {
  Bench bench;
  MadeHub hub;
  hub.splits = {{"default", "train", 20}};
  hub.make_row = [](int64_t index) {
    return MadeHub::Json{
        {"question", "what is on picture " + std::to_string(index) + "?"},
        {"image", {{"src", "/assets/" + std::to_string(index)}, {"height", 1}, {"width", 1}}}};
  };
  hub.answer_first = [](const std::string& target) -> MadeAnswer {
    if (!target.starts_with("/assets/")) return {0, ""};
    return {200, "\x89PNG\r\n\x1a\nrest of picture " + target.substr(8)};
  };
  const HubServer server(hub);
  const Variable endpoint("HF_ENDPOINT", server.base_url());
  const Variable home("HF_HOME", bench.folder.File("hf"));
  const auto rows = bench.Load(R"({"source": {"type": "huggingface", "path": "user/set"},
      "prompt_column": "question", "image_column": "image"})");
  CAPTURE(bench.said);
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 20);
  CHECK(rows->rows[7].prompt == "what is on picture 7?");
  CHECK_THAT(*rows->rows[7].image_urls.at(0),
             Catch::Matchers::StartsWith("data:image/png;base64,iVBORw0KGgp"));
  CHECK(*rows->rows[7].image_urls[0] != *rows->rows[8].image_urls.at(0));
}
