// Each way in which an endpoint or the network can fail, and the class that it gets.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "loopback/loopback.h"

using namespace llmdyno;

namespace {

std::string_view ClassOf(const LoopbackRun& run) { return ToString(run.record().outcome.cls); }

// Limits that never come into play, one of which a test replaces.
CurlTransportConfig NoLimits() {
  return {.connect_timeout = 0s, .first_byte_timeout = 0s, .idle_timeout = 0s, .total_timeout = 0s};
}

// A server that answers every request on every connection so.
RawServer::Serve Answering(const std::string& bytes) {
  return [=](int socket, int64_t) {
    while (!ReadRequest(socket).empty()) SendAll(socket, bytes);
  };
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("Each fault of the endpoint is told by its class", "[faults]") {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"http_429", "overload"}, {"http_500", "http_status"},
      {"http_503", "overload"}, {"drop", "cut_stream"},
      {"cut", "cut_stream"},    {"sse_error", "provider_error"},
      {"empty", "empty"},       {"bad_json", "malformed_stream"},
      {"drip", "ok"},           {"no_usage", "ok"},
      {"no_done", "ok"},
  };
  for (const auto& [fault, expected] : faults) {
    DYNAMIC_SECTION(fault) {
      const auto sim = StartSim("fast:retry_after=1s," + fault + "=1");
      const LoopbackRun run = RunLoopback({.url = sim->base_url()});
      CHECK(ClassOf(run) == expected);
      CHECK(run.record().outcome.message.empty() == run.record().outcome.ok());
      if (expected == "overload") CHECK(run.record().outcome.retry_after == 1s);
      if (fault == "no_usage") CHECK(run.record().output_tokens == TokenCount{20, TokenCountSource::kEvents});
    }
  }
}

TEST_CASE("Faults of an answer that is not streamed are told too", "[faults]") {
  for (const auto& [fault, expected] : std::vector<std::pair<std::string, std::string>>{
           {"cut", "cut_stream"}, {"bad_json", "malformed_stream"}, {"sse_error", "provider_error"}}) {
    DYNAMIC_SECTION(fault) {
      const auto sim = StartSim("fast:" + fault + "=1");
      LoopbackRunConfig config;
      config.url = sim->base_url();
      config.dialect.stream = false;
      CHECK(ClassOf(RunLoopback(config)) == expected);
    }
  }
}

TEST_CASE("No connection in time is a connect timeout", "[timeouts]") {
  // The queue of a socket that never accepts holds very few connections; once it is full the kernel does not
  // answer.
  const ListeningSocket full(0);
  const LoopbackRun run = RunLoopback({.url = full.base_url(),
                                       .stop = {.duration = 20s, .consecutive_failures_at_start = 1},
                                       .load = {.users = 8, .ramp_users_per_second = 0},
                                       .transport = {.connect_timeout = 300ms},
                                       .drain_timeout = 0s});
  CHECK(run.result.stop_reason == StopReason::kConsecutiveFailures);
  const auto timed_out = std::find_if(
      run.records.begin(), run.records.end(),
      [](const RequestRecord& record) { return record.outcome.cls == OutcomeClass::kConnectTimeout; });
  REQUIRE(timed_out != run.records.end());
  CHECK(timed_out->outcome.message == "no connection after 300ms");
  CHECK_FALSE(timed_out->sent_at);
}

TEST_CASE("No byte in time is a first-byte timeout, however long connecting may take", "[timeouts]") {
  for (const Duration connect_timeout : {Duration(0s), Duration(10min)}) {
    const auto sim = StartSim("fast:stall=1");
    CurlTransportConfig limits = NoLimits();
    limits.connect_timeout = connect_timeout;
    limits.first_byte_timeout = 100ms;
    const LoopbackRun run = RunLoopback({.url = sim->base_url(), .transport = limits});
    CHECK(ClassOf(run) == "first_byte_timeout");
    CHECK(run.record().outcome.message == "no byte of a response after 100ms");
    CHECK(run.record().sent_at);
    CHECK(run.record().ended_at - run.record().started_at >= 100ms);
  }
}

TEST_CASE("A listening socket that never accepts is a first-byte timeout: the kernel has connected",
          "[timeouts]") {
  const ListeningSocket silent(16);
  CurlTransportConfig limits = NoLimits();
  limits.first_byte_timeout = 100ms;
  CHECK(ClassOf(RunLoopback({.url = silent.base_url(), .transport = limits})) == "first_byte_timeout");
}

TEST_CASE("Silence in mid-stream is an idle timeout, however long the first byte may take", "[timeouts]") {
  for (const Duration first_byte_timeout : {Duration(0s), Duration(10min)}) {
    const auto sim = StartSim("fast:stall_mid=1");
    CurlTransportConfig limits = NoLimits();
    limits.connect_timeout = limits.first_byte_timeout = first_byte_timeout;
    limits.idle_timeout = 100ms;
    const LoopbackRun run = RunLoopback({.url = sim->base_url(), .transport = limits});
    CHECK(ClassOf(run) == "idle_timeout");
    CHECK(run.record().outcome.message == "nothing came for 100ms");
    CHECK(run.record().outcome.http_status == 200);
    CHECK(run.record().arrivals.total_tokens() > 0);
  }
}

TEST_CASE("A stream that goes on and on is a total timeout, and never an idle one", "[timeouts]") {
  const auto sim = StartSim("scripted:ttft=1ms,itl=1ms,output_tokens=1000000");
  CurlTransportConfig limits = NoLimits();
  limits.total_timeout = 400ms;
  limits.idle_timeout = 10s;
  const LoopbackRun run =
      RunLoopback({.url = sim->base_url(), .transport = limits, .max_output_tokens = 1'000'000});
  CHECK(ClassOf(run) == "total_timeout");
  CHECK(run.record().outcome.message == "not finished after 400ms");
  CHECK(run.record().ended_at - run.record().started_at >= 400ms);
  CHECK(run.record().arrivals.total_tokens() > 0);
}

TEST_CASE("Limits that are not exceeded do nothing, even when they are checked often", "[timeouts]") {
  const auto sim = StartSim("scripted:ttft=30ms,itl=1ms");
  CurlTransportConfig limits = {
      .connect_timeout = 20s, .first_byte_timeout = 20s, .idle_timeout = 20s, .total_timeout = 20s};
  const LoopbackRun run = RunLoopback({.url = sim->base_url(),
                                       .stop = {.requests = 10, .max_duration = kPatience},
                                       .transport = limits,
                                       .max_output_tokens = 100});
  CHECK(run.result.totals.requests_ok == 10);
  // Limits beyond the end of time are none.
  limits = {.connect_timeout = Duration::max(),
            .first_byte_timeout = Duration::max(),
            .idle_timeout = Duration::max(),
            .total_timeout = Duration::max()};
  CHECK(RunLoopback({.url = sim->base_url(), .transport = limits}).record().outcome.ok());
}

TEST_CASE("A dead port is a failed connection and is tried a bounded number of times", "[unreachable]") {
  const LoopbackRun run = RunLoopback({.url = "http://127.0.0.1:" + std::to_string(DeadPort()),
                                       .stop = {.max_duration = kPatience},
                                       .load = {.users = 4, .ramp_users_per_second = 0}});
  CHECK(ClassOf(run) == "connect_failed");
  CHECK(run.result.stop_reason == StopReason::kConsecutiveFailures);
  CHECK(run.records.size() <= 14);
  CHECK(run.result.last_failure.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("A name that does not resolve is a DNS failure", "[unreachable]") {
  // A label of more than 63 letters is refused before anybody on the network is asked.
  const LoopbackRun run = RunLoopback({.url = "http://" + std::string(64, 'x') + ".invalid:8000"});
  CHECK(ClassOf(run) == "dns_failed");
  CHECK_FALSE(run.record().sent_at);
}

TEST_CASE("TLS spoken to a server that does not know it is a TLS failure", "[unreachable]") {
  const RawServer plain(Answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  const LoopbackRun run = RunLoopback(
      {.url = "https://127.0.0.1:" + std::to_string(plain.port()), .transport = {.connect_timeout = 500ms}});
  // A server that waits for the end of a request line says nothing at all; then the handshake's limit is the
  // end.
  CHECK((ClassOf(run) == "tls_failed" || ClassOf(run) == "connect_timeout"));
}

TEST_CASE("A kept connection that is closed without an answer is a failure, not a silent second attempt",
          "[connections]") {
  std::atomic<int64_t> requests = 0;
  const RawServer server([&](int socket, int64_t) {
    while (!ReadRequest(socket).empty()) {
      if (++requests % 2 == 0) return;  // every second request finds the door closed
      SendAll(socket, JsonResponse(GoodAnswer()));
    }
  });
  LoopbackRunConfig config;
  config.url = server.base_url();
  config.stop.requests = 4;
  config.dialect.stream = false;
  const LoopbackRun run = RunLoopback(config);
  CHECK(run.records[0].outcome.ok());
  CHECK(run.records[1].outcome.cls == OutcomeClass::kCutStream);
  CHECK(run.records[1].outcome.message == "the endpoint closed a kept connection without an answer");
  CHECK(run.records[2].outcome.ok());
  CHECK(run.records[3].outcome.cls == OutcomeClass::kCutStream);
  CHECK(requests == 4);
}

TEST_CASE("A kept connection that is closed while nobody uses it is noticed, and a new one is opened",
          "[connections]") {
  // Two requests a connection; then it is closed behind the second answer.
  const RawServer server([](int socket, int64_t) {
    for (int i = 0; i < 2 && !ReadRequest(socket).empty(); ++i) SendAll(socket, JsonResponse(GoodAnswer()));
  });
  struct Observer final : TransferObserver {
    void OnResponseHead(const ResponseHead& /*head*/, const ArrivalStamp& /*stamp*/) override {}
    void OnBytes(std::string_view /*bytes*/, const ArrivalStamp& /*stamp*/) override {}
    void OnEnd(const TransferResult& ended) override { result = ended; }
    std::optional<TransferResult> result;
  };
  const Clock& clock = SystemClock();
  const auto transport = MakeCurlTransport({}, clock, Diagnostics());
  REQUIRE(transport.ok());
  HttpRequest http;
  http.url = server.base_url();
  http.body = "{}";
  for (int i = 0; i < 8; ++i) {
    INFO("request " << i);
    Observer observer;
    (*transport)->Start(i, http, observer);
    while (!observer.result) (*transport)->Poll(clock.Now() + 1s);
    CHECK(observer.result->outcome.ok());
    CHECK(observer.result->connection_reused == (i % 2 == 1));
    // Long enough for the close to arrive, which is the transport's to see while it waits for nothing.
    for (const TimePoint until = clock.Now() + 30ms; clock.Now() < until;) (*transport)->Poll(until);
  }
  CHECK(server.connections() == 4);
  CHECK((*transport)->Stats().connections_opened == 4);
}

TEST_CASE("A server that does not speak HTTP is malformed, not unreachable", "[odd_servers]") {
  const RawServer server([](int socket, int64_t) {
    ReadRequest(socket);
    SendAll(socket, "SSH-2.0-OpenSSH_9.2\r\n" + std::string(200, '\n'));
  });
  const LoopbackRun run = RunLoopback({.url = server.base_url()});
  CHECK(ClassOf(run) == "malformed_stream");
  CHECK_FALSE(run.record().outcome.message.empty());
}

TEST_CASE("A redirect is not followed but told", "[odd_servers]") {
  const RawServer server(
      Answering("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n"));
  const LoopbackRun run = RunLoopback({.url = server.base_url()});
  CHECK(ClassOf(run) == "http_status");
  CHECK(run.record().outcome.http_status == 302);
  CHECK(server.connections() == 1);
}

TEST_CASE("Interim responses before the real one are passed over", "[odd_servers]") {
  const RawServer server(
      Answering("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
                JsonResponse(GoodAnswer())));
  const LoopbackRun run = RunLoopback({.url = server.base_url()});
  CHECK(run.record().outcome.ok());
  CHECK(run.record().outcome.http_status == 200);
  CHECK(run.record().output_tokens.tokens == 2);
}

TEST_CASE("Trailers behind a chunked body do not begin a second response", "[odd_servers]") {
  const std::string event =
      "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
  REQUIRE(event.size() == 0x46);
  const RawServer server(
      Answering("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
                "chunked\r\nTrailer: X-Time\r\n\r\n" +
                std::string("46\r\n") + event + "\r\n0\r\nX-Time: 1\r\nContent-Type: text/html\r\n\r\n"));
  const LoopbackRun run =
      RunLoopback({.url = server.base_url(), .stop = {.requests = 2, .max_duration = kPatience}});
  CHECK(run.records[0].outcome.ok());
  CHECK(run.records[1].outcome.ok());
  CHECK(run.records[1].connection_reused);
}

TEST_CASE("A chunked body means the same wherever chunks begin and end and however they are written",
          "[odd_servers]") {
  const auto event = [](const std::string& text) {
    return "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
  };
  std::string body;
  std::string expected;
  for (int i = 0; i < 60; ++i) {
    const std::string text = i == 30 ? std::string(200'000, 'y') : "w\xC3\xB6rd " + std::to_string(i);
    body += i % 9 == 0 ? ": ping\n\n" + event(text) : event(text);
    expected += text;
  }
  body += "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  // Each response is chunked and written in another way, from the same seed.
  const RawServer server([&](int socket, int64_t) {
    Rng rng(11);
    while (!ReadRequest(socket).empty()) {
      std::string wire =
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
      const int64_t largest_chunk = int64_t{1} << rng.UniformInt(3, 18);
      for (size_t at = 0; at < body.size();) {
        const std::string data = body.substr(at, static_cast<size_t>(rng.UniformInt(1, largest_chunk)));
        at += data.size();
        char size[32];
        std::snprintf(size, sizeof size, rng.Chance(0.5) ? "%zx" : "%04zX", data.size());
        wire += size + std::string(rng.Chance(0.1) ? ";name=value" : "") + "\r\n" + data + "\r\n";
      }
      wire += rng.Chance(0.5) ? "0\r\n\r\n" : "0\r\nX-Trailer: 1\r\n\r\n";
      const int64_t largest_write = int64_t{1} << rng.UniformInt(6, 20);
      for (size_t at = 0; at < wire.size();) {
        const auto size = static_cast<size_t>(rng.UniformInt(1, largest_write));
        SendAll(socket, std::string_view(wire).substr(at, size));
        at += size;
      }
    }
  });
  const LoopbackRun run =
      RunLoopback({.url = server.base_url(), .stop = {.requests = 40, .max_duration = kPatience}});
  for (const RequestRecord& record : run.records) {
    REQUIRE(record.outcome.ok());
    CHECK(record.output_text == expected);
    CHECK(record.arrivals.total_events() == 60);
    CHECK(record.received_bytes == std::ssize(body));
    CHECK(record.connection_reused == (record.request_id > 0));
  }
}

TEST_CASE("A chunked body that breaks off anywhere is cut", "[odd_servers]") {
  const std::string chunk =
      "46\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n\r\n";
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  // Behind the head, behind a whole chunk, within a chunk, within a size, behind the last size.
  for (const std::string& sent :
       {head, head + chunk, head + chunk + chunk.substr(0, 20), head + chunk + "4", head + chunk + "0\r\n"}) {
    const RawServer server([&](int socket, int64_t) {
      ReadRequest(socket);
      SendAll(socket, sent);
    });
    const LoopbackRun run = RunLoopback({.url = server.base_url()});
    INFO(sent);
    CHECK(ClassOf(run) == "cut_stream");
    CHECK(run.record().outcome.http_status == 200);
  }
}

TEST_CASE("Chunks that are nonsense are a failure, not a hang", "[odd_servers]") {
  for (const std::string nonsense :
       {"zz\r\nhello\r\n", "5\r\nhelloXX", "ffffffffffffffffff\r\nhello", "\r\n\r\n", "-5\r\nhello\r\n"}) {
    const RawServer server([&](int socket, int64_t) {
      ReadRequest(socket);
      SendAll(socket,
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  nonsense);
    });
    INFO(nonsense);
    CHECK_FALSE(RunLoopback({.url = server.base_url()}).record().outcome.ok());
  }
}

TEST_CASE("A response without a length ends with its connection", "[odd_servers]") {
  const RawServer server([](int socket, int64_t) {
    ReadRequest(socket);
    SendAll(socket, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + GoodAnswer());
  });
  const LoopbackRun run =
      RunLoopback({.url = server.base_url(), .stop = {.requests = 2, .max_duration = kPatience}});
  CHECK(run.records[0].outcome.ok());
  CHECK(run.records[1].outcome.ok());
  CHECK(run.records[1].http_version == 10);
  CHECK_FALSE(run.records[1].connection_reused);
}

TEST_CASE("Retry-After may be a date", "[odd_servers]") {
  for (const auto& [value, at_least] :
       std::vector<std::pair<std::string, std::optional<Duration>>>{{"7", 7s},
                                                                    {"0.5", 500ms},
                                                                    {"Wed, 21 Oct 2015 07:28:00 GMT", 0s},
                                                                    {"Wed, 21 Oct 2150 07:28:00 GMT", 1000h},
                                                                    {"soon", std::nullopt},
                                                                    {"-5", std::nullopt}}) {
    const RawServer server(
        Answering("HTTP/1.1 503 Busy\r\nRetry-After: " + value + "\r\nContent-Length: 0\r\n\r\n"));
    const LoopbackRun run = RunLoopback({.url = server.base_url()});
    INFO(value);
    CHECK(ClassOf(run) == "overload");
    const auto& asked = run.record().outcome.retry_after;
    CHECK(asked.has_value() == at_least.has_value());
    if (asked && at_least) CHECK(*asked >= *at_least);
  }
}

TEST_CASE("Long headers and many of them are no problem", "[odd_servers]") {
  const RawServer server(Answering("HTTP/1.1 200 OK\r\n" +
                                   Repeated("X-Filler: " + std::string(1000, 'x') + "\r\n", 80) +
                                   "CONTENT-TYPE:  Application/JSON ; charset=utf-8\r\nContent-Length: " +
                                   std::to_string(GoodAnswer().size()) + "\r\n\r\n" + GoodAnswer()));
  CHECK(RunLoopback({.url = server.base_url()}).record().outcome.ok());
}

TEST_CASE("A proxy of the environment is used, as curl does", "[proxy]") {
  std::string request;
  std::mutex mutex;
  const RawServer proxy([&](int socket, int64_t) {
    for (std::string text = ReadRequest(socket); !text.empty(); text = ReadRequest(socket)) {
      const std::lock_guard lock(mutex);
      request = text;
      SendAll(socket, JsonResponse(GoodAnswer()));
    }
  });
  ::setenv("http_proxy", proxy.base_url().c_str(), 1);
  const LoopbackRun run = RunLoopback({.url = "http://endpoint.invalid:8000"});
  ::unsetenv("http_proxy");
  CHECK(run.record().outcome.ok());
  const std::lock_guard lock(mutex);
  CHECK(request.starts_with("POST http://endpoint.invalid:8000/v1/chat/completions HTTP/1.1\r\n"));
}

TEST_CASE("Abort from another thread ends a run that waits for an endpoint", "[control]") {
  const auto sim = StartSim("fast:stall=1");
  RunControl control;
  std::thread other([&] {
    WaitUntil([&] { return sim->Stats().in_flight == 3; });
    control.Abort();
  });
  const LoopbackRun run = RunLoopback({.url = sim->base_url(),
                                       .stop = {.max_duration = 10min},
                                       .load = {.users = 3, .ramp_users_per_second = 0}},
                                      control);
  other.join();
  CHECK(run.result.stop_reason == StopReason::kInterrupted);
  CHECK(run.result.cancelled_in_drain == 3);
  CHECK(run.records.size() == 3);
  for (const RequestRecord& record : run.records) CHECK(record.outcome.cls == OutcomeClass::kCancelled);
}

TEST_CASE("Stop from another thread lets the streams under way end", "[control]") {
  const auto sim = StartSim("scripted:ttft=5ms,itl=5ms");
  RunControl control;
  std::thread other([&] {
    WaitUntil([&] { return sim->Stats().tokens_sent > 30; });
    control.Stop();
  });
  const LoopbackRun run = RunLoopback({.url = sim->base_url(),
                                       .stop = {.max_duration = 10min},
                                       .load = {.users = 3, .ramp_users_per_second = 0}},
                                      control);
  other.join();
  CHECK(run.result.stop_reason == StopReason::kInterrupted);
  CHECK(run.result.cancelled_in_drain == 0);
  for (const RequestRecord& record : run.records) CHECK(record.outcome.ok());
}

TEST_CASE("An endpoint that vanishes in mid-race ends it with complete records", "[control]") {
  auto sim = StartSim("scripted:ttft=2ms,itl=2ms");
  std::thread other([&] {
    WaitUntil([&] { return sim->Stats().tokens_sent > 200; });
    sim->Stop();
  });
  const LoopbackRun run = RunLoopback(
      {.url = sim->base_url(),
       .stop = {.output_tokens = 100'000'000, .max_duration = kPatience, .consecutive_failures = 50},
       .load = {.users = 10, .ramp_users_per_second = 0, .first_backoff = 1ms, .max_backoff = 2ms}});
  other.join();
  CHECK(run.result.stop_reason == StopReason::kConsecutiveFailures);
  CHECK(std::ssize(run.records) == run.result.totals.requests_issued);
  CHECK(run.records.back().outcome.cls == OutcomeClass::kConnectFailed);
}

TEST_CASE("Running out of descriptors is a failed connection, counted and warned of once", "[descriptors]") {
  // An endpoint that needs no descriptors itself: its connections wait in the kernel, unanswered.
  const ListeningSocket silent(128);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit tight = before;
  tight.rlim_cur = 64;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const LoopbackRun run = RunLoopback({.url = silent.base_url(),
                                       .stop = {.requests = 100,
                                                .max_duration = kPatience,
                                                .consecutive_failures_at_start = {},
                                                .consecutive_failures = {}},
                                       .load = {.users = 100, .ramp_users_per_second = 0},
                                       .transport = {.first_byte_timeout = 300ms}});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(run.stats.descriptor_failures > 0);
  CHECK(std::count_if(run.warnings.begin(), run.warnings.end(), [](const std::string& text) {
          return text.find("descriptors") != std::string::npos;
        }) == 1);
  CHECK(run.records.size() == 100);
  for (const RequestRecord& record : run.records) {
    CHECK((record.outcome.cls == OutcomeClass::kConnectFailed ||
           record.outcome.cls == OutcomeClass::kFirstByteTimeout));
    CHECK_FALSE(record.outcome.message.empty());
  }
}
