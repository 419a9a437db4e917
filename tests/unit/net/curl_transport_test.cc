#include "llmdyno/net/curl_transport.h"

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

TEST_CASE("Limits below zero are refused by name", "[curl_transport]") {
  CHECK(CurlTransportConfig{}.Validate().ok());
  CHECK(CurlTransportConfig{
      .connect_timeout = 0s, .first_byte_timeout = 0s, .idle_timeout = 0s, .total_timeout = 0s}
            .Validate()
            .ok());
  CHECK(CurlTransportConfig{.connect_timeout = -1s}.Validate().message() ==
        "connect timeout must be 0 (no limit) or more");
  CHECK(CurlTransportConfig{.first_byte_timeout = -1s}.Validate().message() ==
        "first-byte timeout must be 0 (no limit) or more");
  CHECK(CurlTransportConfig{.idle_timeout = -1s}.Validate().message() ==
        "idle timeout must be 0 (no limit) or more");
  CHECK(CurlTransportConfig{.total_timeout = -1s}.Validate().message() ==
        "total timeout must be 0 (no limit) or more");
  CHECK_FALSE(CurlTransportConfig{.expected_concurrency = 0}.Validate().ok());
}

TEST_CASE("A config that makes no sense makes no transport", "[curl_transport]") {
  CHECK_FALSE(MakeCurlTransport({.idle_timeout = -1s}, SystemClock(), Diagnostics()).ok());
}

TEST_CASE("A transport without work says zeros", "[curl_transport]") {
  const auto transport = MakeCurlTransport({}, SystemClock(), Diagnostics());
  REQUIRE(transport.ok());
  const TransportStats stats = (*transport)->Stats();
  CHECK(stats.connections_opened == 0);
  CHECK(stats.reads == 0);
  CHECK(stats.read_lag_max == Duration::zero());
}
