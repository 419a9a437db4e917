#include "llmdyno/catalog/workload_preparer.h"

#include <string>

#include "support/catch.h"

namespace llmdyno {
namespace {

// Answers in turn: a request, an instant to come, a request, and then as it was told.
class Scripted final : public RequestSource {
 public:
  explicit Scripted(NextRequest then) : then_(std::move(then)) {}
  NextRequest Next(TimePoint now) override {
    const TimePoint wanted(std::chrono::hours(2));
    if (given_ == 1 && now < wanted) return NotBefore{wanted};
    if (given_ == 2) return then_;
    return Request{.id = given_++, .body = CompletionBody{"prompt"}};
  }

 private:
  const NextRequest then_;
  int64_t given_ = 0;
};

Catalog Ends(const NextRequest& then) {
  Catalog catalog;
  REQUIRE(catalog.workloads
              .Add({"scripted", "",
                    [then](const Params&,
                           const WorkloadContext&) -> absl::StatusOr<std::unique_ptr<RequestSource>> {
                      return std::make_unique<Scripted>(then);
                    }})
              .ok());
  return catalog;
}

struct Setting {
  std::unique_ptr<TokenCounter> counter = MakeEstimatingTokenCounter();
  Diagnostics diagnostics;
  WorkloadSpec spec;
  absl::StatusOr<std::unique_ptr<RequestPreparer>> Make(const Catalog& catalog, const std::string& name) {
    spec.name = name;
    return MakeWorkloadPreparer(spec, catalog, *counter, diagnostics);
  }
};

TEST_CASE("A workload's requests are prepared in its order, its own times passed over", "[plugins]") {
  const Catalog catalog = Ends(Exhausted{});
  Setting setting;
  const auto preparer = setting.Make(catalog, "scripted");
  REQUIRE(preparer.ok());
  for (int again = 0; again < 2; ++again) {
    const auto requests = (*preparer)->Prepare(5, Rng(1));
    REQUIRE(requests.ok());
    CHECK(requests->size() == 2);
    CHECK(requests->back().id == 1);
  }
}

TEST_CASE("A workload that waits for answers cannot be prepared, and the error says where it can be used",
          "[plugins]") {
  const Catalog catalog = Ends(AwaitResponse{});
  Setting setting;
  const auto requests = (*setting.Make(catalog, "scripted"))->Prepare(5, Rng(1));
  CHECK(absl::IsInvalidArgument(requests.status()));
  CHECK(requests.status().message().find("llmdyno race") != std::string::npos);
}

TEST_CASE("The same seed prepares the same requests, another one others", "[plugins]") {
  const Catalog catalog = MakeBuiltInCatalog();
  Setting setting;
  const auto preparer = setting.Make(catalog, "random:input_len=20,output_len=5");
  REQUIRE(preparer.ok());
  const auto first = [&](uint64_t seed) { return PromptText((*preparer)->Prepare(3, Rng(seed))->front()); };
  CHECK(first(1) == first(1));
  CHECK(first(1) != first(2));
}

TEST_CASE("An unknown workload and a setting that it does not know are told when it is made", "[plugins]") {
  const Catalog catalog = MakeBuiltInCatalog();
  Setting setting;
  CHECK(absl::IsNotFound(setting.Make(catalog, "syntetic").status()));
  CHECK(absl::IsInvalidArgument(setting.Make(catalog, "random:lenght=3").status()));
}

}  // namespace
}  // namespace llmdyno
