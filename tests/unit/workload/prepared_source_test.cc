#include "llmdyno/workload/prepared_source.h"

#include "llmdyno/testing/request_source_conformance.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

std::vector<Request> Prompts(int count) {
  std::vector<Request> requests;
  for (int i = 0; i < count; ++i) {
    Request& request = requests.emplace_back();
    request.id = 1000 - i;
    request.body = CompletionBody{"prompt " + std::to_string(i) + " which is too long to be kept in place"};
  }
  return requests;
}

Request Draw(RequestSource& source) { return std::get<Request>(source.Next(TimePoint())); }
bool IsExhausted(RequestSource& source) {
  return std::holds_alternative<Exhausted>(source.Next(TimePoint()));
}

TEST_CASE("Prepared requests are given out in order, numbered, and then no more", "[workload][prepared]") {
  const auto source = MakePreparedSource(Prompts(3), false);
  CHECK(source->passes() == 0);
  for (int i = 0; i < 3; ++i) {
    const Request request = Draw(*source);
    CHECK(request.id == i);
    CHECK(PromptText(request) == PromptText(Prompts(3)[static_cast<size_t>(i)]));
  }
  CHECK(IsExhausted(*source));
  CHECK(IsExhausted(*source));
  CHECK(source->passes() == 1);
}

TEST_CASE("A repeating source begins again, numbers on, and counts how often", "[workload][prepared]") {
  const auto source = MakePreparedSource(Prompts(2), true);
  for (int i = 0; i < 5; ++i) {
    const Request request = Draw(*source);
    CHECK(request.id == i);
    CHECK(PromptText(request) == PromptText(Prompts(2)[static_cast<size_t>(i % 2)]));
    CHECK(source->passes() == i / 2 + 1);
  }
}

TEST_CASE("Requests that are not needed again are handed on without a copy", "[workload][prepared]") {
  std::vector<Request> requests = Prompts(1);
  const char* const text = PromptText(requests[0]).data();
  const auto source = MakePreparedSource(std::move(requests), false);
  CHECK(PromptText(Draw(*source)).data() == text);
}

TEST_CASE("Without requests a source is exhausted from the start", "[workload][prepared]") {
  CHECK(IsExhausted(*MakePreparedSource({}, false)));
  CHECK(IsExhausted(*MakePreparedSource({}, true)));
}

TEST_CASE("Prepared sources keep to the rules of request sources", "[workload][prepared]") {
  for (const bool repeat : {false, true}) {
    CHECK(CheckRequestSource([&] { return MakePreparedSource(Prompts(60), repeat); }).empty());
  }
}

}  // namespace
}  // namespace llmdyno
