#include "llmdyno/metrics/measurement_error.h"

#include "made_record.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using Quantity = MeasuredQuantity;

// Tokens sent at these times after kStart, the request read at `read`, the response over at `ended`.
RequestTruth Truth(Duration read, std::initializer_list<Duration> sent, std::optional<Duration> ended) {
  RequestTruth truth;
  truth.read_at = kStart + read;
  for (const Duration at : sent) truth.tokens_sent_at.push_back(kStart + at);
  if (ended) truth.ended_at = kStart + *ended;
  return truth;
}

std::vector<double> Samples(const MeasurementErrors& errors, Quantity quantity) {
  const auto samples = errors.of(quantity).samples();
  return {samples.begin(), samples.end()};
}

}  // namespace

TEST_CASE("Planted errors of one request come out to the nanosecond", "[metrics][measurement_error]") {
  // Sent at 0, ready to write after 30 us, read by the endpoint after 100 us. Tokens leave at 10, 20 and
  // 30 ms and are stamped 2, 5 and 4 us later; the response ends 1 us after the endpoint's last send.
  RequestRecord record =
      Make({.sent = 0us, .arrivals = {{10'002us}, {20'005us}, {30'004us}}, .ended = 30'011us});
  record.sent_at = kStart + 30us;
  const RequestTruth truth = Truth(100us, {10ms, 20ms, 30ms}, 30'010us);
  MeasurementErrorBuilder builder;
  builder.Add(record, &truth);
  const MeasurementErrors& errors = builder.errors();
  CHECK(Samples(errors, Quantity::kArrival) == std::vector<double>{2, 5, 4});
  CHECK(Samples(errors, Quantity::kFirstArrival) == std::vector<double>{2});
  CHECK(Samples(errors, Quantity::kItl) == std::vector<double>{3, -1});
  CHECK(Samples(errors, Quantity::kTpot) == std::vector<double>{1});  // (4 - 2) / 2
  CHECK(Samples(errors, Quantity::kTtft) == std::vector<double>{30 + 2});
  CHECK(Samples(errors, Quantity::kTtftWithReadDelay) == std::vector<double>{100 + 2});
  CHECK(Samples(errors, Quantity::kE2e) == std::vector<double>{30 + 1});
  CHECK(Samples(errors, Quantity::kE2eWithReadDelay) == std::vector<double>{100 + 1});
  CHECK(errors.tokens == 3);
  CHECK(errors.tokens_sent == 3);
  CHECK(errors.requests == 1);
  CHECK(errors.upper_bounds == 0);
  CHECK(errors.token_mismatches == 0);
}

TEST_CASE("Tokens of one read are upper bounds but for the last, and share their gap",
          "[metrics][measurement_error]") {
  // The second and the third token come in one read at 30 ms: each gap counts as 10 ms.
  RequestRecord record = Make({.arrivals = {{10ms}, {30ms, 2, 2}}, .ended = 30ms});
  const RequestTruth truth = Truth(0ms, {10ms, 21ms, 30ms}, 30ms);
  MeasurementErrorBuilder builder;
  builder.Add(record, &truth);
  CHECK(Samples(builder.errors(), Quantity::kArrival) == std::vector<double>{0, 9000, 0});
  CHECK(Samples(builder.errors(), Quantity::kItl) == std::vector<double>{-1000, 1000});
  CHECK(builder.errors().upper_bounds == 1);
  CHECK(builder.errors().first_upper_bounds == 0);
  record.arrivals.Clear();
  record.arrivals.Append({.at = kStart + 10ms, .upper_bound = true});
  builder.Add(record, &truth);
  CHECK(builder.errors().upper_bounds == 2);
  CHECK(builder.errors().first_upper_bounds == 1);
}

TEST_CASE("Only what lies in the window is compared: tokens by their send, requests by their start",
          "[metrics][measurement_error]") {
  const RequestRecord early = MakeSteady(0ms, 4, 10ms);
  const RequestRecord late = MakeSteady(25ms, 4, 10ms);
  const RequestTruth early_truth = Truth(0ms, {10ms, 20ms, 30ms, 40ms}, 40ms);
  const RequestTruth late_truth = Truth(25ms, {35ms, 45ms, 55ms, 65ms}, 65ms);
  MeasurementErrorBuilder builder({kStart + 20ms, kStart + 55ms});
  builder.Add(early, &early_truth);
  builder.Add(late, &late_truth);
  const MeasurementErrors& errors = builder.errors();
  CHECK(errors.tokens == 3 + 2);
  CHECK(errors.tokens_sent == 3 + 2);
  CHECK(errors.of(Quantity::kItl).n() == 2 + 1);
  CHECK(errors.requests == 1);
  CHECK(errors.of(Quantity::kTtftWithReadDelay).n() == 1);
  CHECK(errors.of(Quantity::kE2eWithReadDelay).n() == 1);
  CHECK(errors.of(Quantity::kTtft).empty());  // when it was ready to write is not known
}

TEST_CASE("A response that broke off on either side has arrivals to compare and no end",
          "[metrics][measurement_error]") {
  const RequestRecord whole = MakeSteady(0ms, 3, 10ms);
  RequestRecord cancelled = whole;
  cancelled.outcome = Failed(OutcomeClass::kCancelled);
  const RequestTruth complete = Truth(0ms, {10ms, 20ms, 30ms, 40ms}, 40ms);
  const RequestTruth cut = Truth(0ms, {10ms, 20ms}, std::nullopt);
  MeasurementErrorBuilder builder;
  builder.Add(cancelled, &complete);
  builder.Add(whole, &cut);
  const MeasurementErrors& errors = builder.errors();
  CHECK(errors.tokens == 3 + 2);
  CHECK(errors.tokens_sent == 4 + 2);
  CHECK(errors.of(Quantity::kFirstArrival).n() == 2);
  CHECK(errors.of(Quantity::kE2eWithReadDelay).empty());
  CHECK(errors.of(Quantity::kTpot).empty());
  CHECK(errors.token_mismatches == 0);
  builder.Add(whole, &complete);
  CHECK(errors.token_mismatches == 1);
  builder.Add(whole, nullptr);
  CHECK(errors.without_truth == 1);
}

TEST_CASE("Figures keep the sign in the bias alone", "[metrics][measurement_error]") {
  Distribution errors;
  CHECK_FALSE(FiguresOf(errors).has_value());
  for (const double error : {-8.0, 1.0, 2.0, 1.0, -1.0}) errors.Add(error);
  // Sizes 1 1 1 2 8; p99 at rank 3.96: 2 + 0.96 * 6.
  const auto figures = FiguresOf(errors);
  REQUIRE(figures.has_value());
  CHECK(figures->n == 5);
  CHECK(figures->bias_us == Approx(-1));
  CHECK(figures->p50_us == 1);
  CHECK(figures->p99_us == Approx(7.76));
  CHECK(figures->max_us == 8);
}

TEST_CASE("Every measured quantity has a name that is read back", "[metrics][measurement_error]") {
  for (size_t i = 0; i < kMeasuredQuantities; ++i) {
    CHECK(ParseMeasuredQuantity(ToString(QuantityAt(i))) == QuantityAt(i));
  }
  CHECK_FALSE(ParseMeasuredQuantity("latency").has_value());
}

}  // namespace llmdyno
