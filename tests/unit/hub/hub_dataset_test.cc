#include "llmdyno/hub/hub_dataset.h"

#include <filesystem>

#include "llmdyno/testing/simulated_transport.h"
#include "support/catch.h"
#include "unit/hub/made_hub.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

using Texts = std::vector<std::string>;

// Everything that a fetch needs, and what came of it.
class Bench {
 public:
  Bench() {
    config.dataset = "user/set";
    config.settings.server = "http://hub:1";
    config.settings.hub = "http://hub:1";
    config.settings.cache_directory = folder.File("cache");
  }

  absl::StatusOr<std::string> Fetch() {
    notes.clear();
    warnings.clear();
    return FetchHubDataset(config, transport, clock, diagnostics_);
  }
  std::string ProblemOf() { return std::string(Fetch().status().message()); }
  Texts Lines() {
    const auto path = Fetch();
    CAPTURE(path.status().ToString());
    REQUIRE(path.ok());
    Texts lines;
    std::ifstream file(*path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  // Files below the cache, half-written ones included.
  int64_t FilesInCache() const {
    int64_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  const TemporaryFolder folder;
  MadeHub hub;
  HubDatasetConfig config;
  SimulatedClock clock;
  SimulatedTransport transport{clock, [this](const HttpRequest& request, int64_t) {
                                 return Respond(hub.Answer(request.url.substr(std::strlen("http://hub:1"))));
                               }};
  Texts notes;
  Texts warnings;

 private:
  static SimulatedResponse Respond(const MadeAnswer& answer) {
    SimulatedResponse response;
    response.status = answer.status;
    if (answer.retry_after_seconds > 0) response.retry_after = answer.retry_after_seconds * 1s;
    response.head_at = response.end_at = 5ms;
    response.body = {{5ms, answer.body}};
    return response;
  }

  const Diagnostics diagnostics_{[this](Severity severity, std::string_view text) {
    (severity == Severity::kNote ? notes : warnings).emplace_back(text);
  }};
};

}  // namespace

TEST_CASE("A set of 250 rows is fetched in three pages and kept as it is", "[hub_dataset]") {
  Bench bench;
  const Texts lines = bench.Lines();
  REQUIRE(lines.size() == 250);
  CHECK(lines.front() == R"({"text":"row 0"})");
  CHECK(lines.back() == R"({"text":"row 249"})");
  CHECK(bench.hub.asked ==
        Texts{"/splits?dataset=user%2Fset",
              "/rows?dataset=user%2Fset&config=default&split=train&offset=0&length=100",
              "/rows?dataset=user%2Fset&config=default&split=train&offset=100&length=100",
              "/rows?dataset=user%2Fset&config=default&split=train&offset=200&length=100"});
  for (const HttpRequest& request : bench.transport.sent()) CHECK(request.method == "GET");
  CHECK_THAT(bench.notes.back(),
             Contains("250 rows of 'user/set' (default, train) were fetched and are kept in '"));
  CHECK(bench.FilesInCache() == 1);
}

TEST_CASE("A set that was fetched is read without the network", "[hub_dataset]") {
  Bench bench;
  const auto first = bench.Fetch();
  const size_t asked = bench.hub.asked.size();
  const auto second = bench.Fetch();
  CHECK(*first == *second);
  CHECK(bench.hub.asked.size() == asked);
  CHECK_THAT(bench.notes.at(0), Contains("the dataset 'user/set' was fetched before"));
  bench.config.max_rows = 10;  // fewer of them are there, too
  CHECK(*bench.Fetch() == *first);
  bench.config.split = "test";  // that one was not
  CHECK(bench.Lines().size() == 10);
  CHECK(bench.hub.asked.size() == asked + 2);
}

TEST_CASE("No more than the asked number of rows is fetched, and kept apart from a whole set",
          "[hub_dataset]") {
  Bench bench;
  bench.config.max_rows = 120;
  CHECK(bench.Lines().size() == 120);
  CHECK(bench.hub.asked.back().ends_with("&offset=100&length=20"));
  const size_t asked = bench.hub.asked.size();
  CHECK(bench.Lines().size() == 120);
  CHECK(bench.hub.asked.size() == asked);
  bench.config.max_rows = 250;
  CHECK(bench.Lines().size() == 250);
}

TEST_CASE("The split is the asked one, else train, else the first; subsets likewise", "[hub_dataset]") {
  Bench bench;
  bench.hub.splits = {{"en", "validation", 3}, {"fr", "train", 4}, {"fr", "test", 5}};
  CHECK(bench.Lines().size() == 3);
  CHECK_THAT(bench.notes.at(0), Contains("has the subsets 'en', 'fr'; 'en' is taken"));
  bench.config.subset = "fr";
  CHECK(bench.Lines().size() == 4);
  bench.config.split = "test";
  CHECK(bench.Lines().size() == 5);
}

TEST_CASE("An unknown split or subset is refused with those that there are", "[hub_dataset]") {
  Bench bench;
  bench.config.split = "dev";
  CHECK(bench.ProblemOf() ==
        "the dataset 'user/set' has no split 'dev' in its subset 'default'; there are 'test', 'train'");
  bench.config.split = "";
  bench.config.subset = "en";
  CHECK(bench.ProblemOf() == "the dataset 'user/set' has no subset 'en'; there are 'default'");
  bench.config.split = "train[:100]";
  CHECK_THAT(bench.ProblemOf(), Contains("expected the name of one; max_rows ends it earlier"));
  CHECK(bench.FilesInCache() == 0);
}

TEST_CASE("A busy server is asked again, as late as it wants", "[hub_dataset]") {
  Bench bench;
  int64_t refusals = 2;
  bench.hub.answer_first = [&](const std::string& target) -> MadeAnswer {
    if (!target.ends_with("offset=100&length=100") || refusals-- <= 0) return {0, ""};
    return {429, R"({"error":"Too many requests"})", 30};
  };
  const TimePoint start = bench.clock.Now();
  CHECK(bench.Lines().size() == 250);
  CHECK(bench.clock.Now() - start >= 60s);
  CHECK(bench.clock.Now() - start < 61s);
  CHECK(bench.notes.at(0) ==
        "the dataset server answered HTTP 429 (Too many requests); it is asked again in 30s");
}

TEST_CASE("A server that stays busy is given up, with nothing left behind", "[hub_dataset]") {
  Bench bench;
  bench.hub.answer_first = [](const std::string& target) -> MadeAnswer {
    if (target.starts_with("/splits")) return {0, ""};
    return {503, R"({"error":"The server is busier than usual."})"};
  };
  const TimePoint start = bench.clock.Now();
  const auto path = bench.Fetch();
  CHECK(absl::IsUnavailable(path.status()));
  CHECK_THAT(std::string(path.status().message()),
             Contains("cannot be fetched from http://hub:1: HTTP 503 (The server is busier than usual.)"));
  CHECK(bench.hub.asked.size() == 1 + 6);
  // 1 + 2 + 4 + 8 + 16 s between six tries.
  CHECK(bench.clock.Now() - start > 31s);
  CHECK(bench.clock.Now() - start < 32s);
  CHECK(bench.FilesInCache() == 0);
}

TEST_CASE("A wait of an hour is nobody's wish", "[hub_dataset]") {
  Bench bench;
  bench.hub.answer_first = [](const std::string&) -> MadeAnswer { return {429, "{}", 3600}; };
  CHECK_THAT(bench.ProblemOf(), Contains("HTTP 429"));
  CHECK(bench.hub.asked.size() == 1);
}

TEST_CASE("A set that nobody may read without a token says so", "[hub_dataset]") {
  Bench bench;
  bench.hub.answer_first = [](const std::string&) -> MadeAnswer {
    return {401, R"({"error":"The dataset does not exist, or is not accessible without authentication."})"};
  };
  auto path = bench.Fetch();
  CHECK(absl::IsPermissionDenied(path.status()));
  CHECK_THAT(std::string(path.status().message()), Contains("HF_TOKEN must hold a token that may read it"));
  bench.config.settings.token = Secret("hf_secret");
  CHECK_THAT(bench.ProblemOf(), Contains("the token in HF_TOKEN may not read it"));
}

TEST_CASE("The token is sent to the server, and shown to nobody", "[hub_dataset]") {
  Bench bench;
  bench.config.settings.token = Secret("hf_secret");
  bench.hub.make_row = [](int64_t index) {
    return MadeHub::Json{{"image", {{"src", "http://hub:1/picture/" + std::to_string(index)}}}};
  };
  bench.hub.splits = {{"default", "train", 2}};
  bench.config.image_column = "image";
  bench.hub.answer_first = [](const std::string& target) -> MadeAnswer {
    return target.starts_with("/picture") ? MadeAnswer{200, "bytes"} : MadeAnswer{0, ""};
  };
  REQUIRE(bench.Fetch().ok());
  for (const HttpRequest& request : bench.transport.sent()) {
    const bool is_picture = request.url.find("/picture") != std::string::npos;
    CHECK(request.bearer_token.Reveal() == (is_picture ? "" : "hf_secret"));
  }
  bench.config.split = "test";
  bench.hub.answer_first = [](const std::string&) -> MadeAnswer {
    return {500, R"({"error":"you sent Bearer hf_secret"})"};
  };
  CHECK_THAT(bench.ProblemOf(), Contains("you sent Bearer [redacted]") && !Contains("hf_secret"));
  for (const std::string& note : bench.notes) CHECK_THAT(note, !Contains("hf_secret"));
}

TEST_CASE("An unknown set is told from a server that is none", "[hub_dataset]") {
  Bench bench;
  bench.config.dataset = "user/other";
  const auto unknown = bench.Fetch();
  CHECK(absl::IsNotFound(unknown.status()));
  CHECK_THAT(std::string(unknown.status().message()), Contains("does not know the dataset 'user/other'"));
  bench.config.dataset = "user/set";
  for (const char* body : {"<html>welcome</html>", "[]"}) {
    bench.hub.answer_first = [body](const std::string&) -> MadeAnswer { return {200, body}; };
    CHECK(bench.ProblemOf() ==
          "what answers at http://hub:1 is no dataset server: HF_ENDPOINT must name one that has /splits and "
          "/rows");
  }
  bench.hub.answer_first = [](const std::string&) -> MadeAnswer { return {200, R"({"splits":[]})"}; };
  CHECK_THAT(bench.ProblemOf(), Contains("the dataset server has no splits of 'user/set'"));
}

TEST_CASE("A set under its old name is found under the new one", "[hub_dataset]") {
  Bench bench;
  bench.config.dataset = "set";
  bench.hub.answer_first = [](const std::string& target) -> MadeAnswer {
    if (target == "/splits?dataset=set") return {404, R"({"error":"The dataset has been renamed."})"};
    if (target == "/api/datasets/set")
      return {307, "Temporary Redirect. Redirecting to /api/datasets/user/set"};
    return {0, ""};
  };
  CHECK(bench.Lines().size() == 250);
  CHECK(bench.notes.at(0) == "the dataset 'set' is called 'user/set' now");
  CHECK(bench.Lines().size() == 250);  // from the cache, under the name that was asked for
}

TEST_CASE("A name that cannot be one is refused before anything is sent", "[hub_dataset]") {
  Bench bench;
  for (const char* name : {"", "a/b/c", "/etc/passwd", "user/", "data set", "data/prompts?.csv"}) {
    bench.config.dataset = name;
    CHECK_THAT(bench.ProblemOf(), Contains("is neither a file or folder here nor the name of a dataset"));
  }
  CHECK(bench.transport.sent().empty());
}

TEST_CASE("Pictures are fetched, for their addresses expire", "[hub_dataset]") {
  Bench bench;
  bench.config.image_column = "image";
  bench.hub.splits = {{"default", "train", 12}};
  bench.hub.make_row = [](int64_t index) {
    return MadeHub::Json{{"id", index},
                         {"image",
                          {{"src", "/assets/" + std::to_string(index) + ".jpg?Expires=1&Signature=x"},
                           {"height", 1},
                           {"width", 1}}}};
  };
  bench.hub.answer_first = [](const std::string& target) -> MadeAnswer {
    return target.starts_with("/assets/") ? MadeAnswer{200, "picture"} : MadeAnswer{0, ""};
  };
  const Texts lines = bench.Lines();
  REQUIRE(lines.size() == 12);
  CHECK(lines[3] == R"({"id":3,"image":{"bytes":"cGljdHVyZQ=="}})");
  CHECK(bench.transport.peak_in_flight() == 8);
  bench.config.split = "train";
  bench.hub.answer_first = [](const std::string& target) -> MadeAnswer {
    return target.starts_with("/assets/7") ? MadeAnswer{403, ""}
                                           : MadeAnswer{target.starts_with("/assets/") ? 200 : 0, "picture"};
  };
  CHECK_THAT(bench.ProblemOf(),
             Contains("row 8, column 'image': the picture at http://hub:1/assets/7.jpg could not "
                      "be fetched: HTTP 403") &&
                 !Contains("Signature"));
  CHECK(bench.FilesInCache() == 1);
}

TEST_CASE("A set of which the server has or gives only a part is warned of", "[hub_dataset]") {
  Bench bench;
  bench.hub.extra = {{"partial", true}};
  CHECK(bench.Lines().size() == 250);
  REQUIRE(bench.warnings.size() == 1);
  CHECK_THAT(bench.warnings[0], Contains("has only the beginning of 'user/set'"));
  bench.config.split = "train";
  bench.hub.extra = {{"rows", MadeHub::Json::array({{{"row", {{"text", "x"}}},
                                                     {"truncated_cells", MadeHub::Json::array({"text"})}}})},
                     {"num_rows_total", 1}};
  CHECK(bench.Lines().size() == 1);
  CHECK_THAT(bench.warnings.at(0),
             Contains("shortened cells of 'user/set' (default, train), in column 'text'"));
  bench.config.split = "test";
  bench.hub.extra = {{"rows", MadeHub::Json::array()}, {"num_rows_total", 30}};
  CHECK(bench.ProblemOf() ==
        "the dataset server gave 0 of 30 rows of 'user/set' (default, test) and no more");
}

TEST_CASE("A set without rows is an error", "[hub_dataset]") {
  Bench bench;
  bench.hub.splits = {{"default", "train", 0}};
  CHECK(bench.ProblemOf() == "the dataset 'user/set' (default, train) has no rows");
  CHECK(bench.FilesInCache() == 0);
}

TEST_CASE("A cache that cannot be written is said before much is fetched", "[hub_dataset]") {
  Bench bench;
  bench.config.settings.cache_directory = bench.folder.Write("file", "") + "/below";
  CHECK_THAT(bench.ProblemOf(),
             Contains("cannot make the folder '") && Contains("HF_HOME can name another place"));
  CHECK(bench.hub.asked.size() == 1);
  bench.config.settings.cache_directory = "";
  CHECK_THAT(bench.ProblemOf(), Contains("none of HF_HOME, XDG_CACHE_HOME and HOME is set"));
}
