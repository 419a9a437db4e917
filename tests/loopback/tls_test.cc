// TLS and HTTP/2, through a TLS front before the simulated endpoint.
#include <algorithm>

#include "loopback/loopback.h"
#include "loopback/tls_proxy.h"

using namespace llmdyno;

TEST_CASE("A certificate that nobody vouches for is refused by default", "[tls]") {
  const auto sim = StartSim("fast");
  const TlsProxy proxy(sim->port());
  const LoopbackRun run = RunLoopback({.url = proxy.base_url()});
  CHECK(run.record().outcome.cls == OutcomeClass::kTlsFailed);
  CHECK(run.record().outcome.message.find("certificate") != std::string::npos);
  CHECK(sim->Stats().requests == 0);
}

TEST_CASE("The same certificate is accepted when it is trusted, or when nothing is verified", "[tls]") {
  const auto sim = StartSim("fast");
  const TlsProxy proxy(sim->port());
  for (const CurlTransportConfig& transport : {CurlTransportConfig{.ca_certificates = proxy.certificate()},
                                               CurlTransportConfig{.verify_tls = false}}) {
    const LoopbackRun run = RunLoopback({.url = proxy.base_url(),
                                         .stop = {.requests = 2, .max_duration = kPatience},
                                         .transport = transport});
    CHECK(run.records[0].outcome.ok());
    CHECK(run.records[0].tls_time);
    CHECK(run.records[0].connect_time);
    CHECK(*run.records[0].tls_time > 0s);
    CHECK(run.records[1].connection_reused);
    CHECK_FALSE(run.records[1].tls_time);
  }
}

TEST_CASE("A trusted certificate for another host is refused", "[tls]") {
  const auto sim = StartSim("fast");
  const TlsProxy proxy(sim->port());
  // The same address spelled as an IPv6 one, which the certificate does not name.
  const LoopbackRun run = RunLoopback({.url = "https://[::ffff:127.0.0.1]:" + std::to_string(proxy.port()),
                                       .transport = {.ca_certificates = proxy.certificate()}});
  CHECK(run.record().outcome.cls == OutcomeClass::kTlsFailed);
}

TEST_CASE("A file of authorities that cannot be read is said at once", "[tls]") {
  const auto transport =
      MakeCurlTransport({.ca_certificates = "/no/such/file.pem"}, SystemClock(), Diagnostics());
  REQUIRE_FALSE(transport.ok());
  CHECK(transport.status().message() == "cannot read the CA certificates '/no/such/file.pem'");
}

TEST_CASE("Over TLS many streams share few connections of HTTP/2", "[http2]") {
  const auto sim = StartSim("scripted:ttft=20ms,itl=2ms");
  const TlsProxy proxy(sim->port());
  const LoopbackRun run = RunLoopback({.url = proxy.base_url(),
                                       .stop = {.requests = 200, .max_duration = kPatience},
                                       .load = {.users = 50, .ramp_users_per_second = 0},
                                       .transport = {.verify_tls = false, .expected_concurrency = 50}});
  CHECK(run.result.totals.requests_ok == 200);
  CHECK(run.result.totals.output_tokens == 4000);
  CHECK(run.result.peak_in_flight == 50);
  CHECK(run.stats.connections_opened <= 5);
  CHECK(run.stats.kernel_stamps > 0);
  for (const RequestRecord& record : run.records) {
    REQUIRE(record.outcome.ok());
    CHECK(record.http_version == 2);
    CHECK(record.output_tokens == TokenCount{20, TokenCountSource::kUsage});
    CHECK(record.arrivals.total_tokens() == 20);
    CHECK(record.finish_reason == "length");
    CHECK(*record.first_byte_at <= *record.first_text_at);
    CHECK(*record.last_text_at <= record.ended_at);
  }
}

TEST_CASE("Over HTTP/2 one stream that stalls is given up alone", "[http2]") {
  const auto sim = StartSim("scripted:ttft=5ms,itl=1ms,stall=0.3,seed=5");
  const TlsProxy proxy(sim->port());
  const LoopbackRun run = RunLoopback(
      {.url = proxy.base_url(),
       .stop = {.requests = 40, .max_duration = kPatience},
       .load = {.users = 10, .ramp_users_per_second = 0, .first_backoff = 1ms, .max_backoff = 5ms},
       .transport = {.first_byte_timeout = 2s, .verify_tls = false}});
  const auto stalled = std::count_if(run.records.begin(), run.records.end(), [](const RequestRecord& record) {
    return record.outcome.cls == OutcomeClass::kFirstByteTimeout;
  });
  CHECK(stalled == sim->Stats().fault(Fault::kStall));
  CHECK(stalled > 0);
  CHECK(run.result.totals.requests_ok == 40 - stalled);
}

TEST_CASE("Over HTTP/2 cancelled streams leave the others alone", "[http2]") {
  const auto sim = StartSim("scripted:ttft=5ms,itl=5ms,output_tokens=100000");
  const TlsProxy proxy(sim->port());
  const LoopbackRun run = RunLoopback({.url = proxy.base_url(),
                                       .stop = {.output_tokens = 500, .max_duration = kPatience},
                                       .load = {.users = 10, .ramp_users_per_second = 0},
                                       .transport = {.verify_tls = false},
                                       .max_output_tokens = 100'000,
                                       .drain_timeout = 0s});
  CHECK(run.result.stop_reason == StopReason::kTargetTokens);
  CHECK(run.result.cancelled_in_drain == 10);
  int64_t tokens = 0;
  for (const RequestRecord& record : run.records) tokens += OutputTokensBy(record, run.result.finish_line);
  CHECK(tokens >= 500);
}
