// Embeddings: many small answers, and large ones.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "llmdyno/base/random.h"
#include "llmdyno/dialect/embeddings_dialect.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

constexpr int kDimension = 4096;
constexpr int kTexts = 8;

// As vLLM writes it: numbers with up to 17 digits, as Python prints what was a 32-bit float.
std::string Answer(bool as_base64) {
  Rng rng(1);
  std::string body = R"({"id":"embd-1","object":"list","created":1,"model":"m","data":[)";
  for (int i = 0; i < kTexts; ++i) {
    body += (i > 0 ? "," : "") + std::string(R"({"index":)") + std::to_string(i) +
            R"(,"object":"embedding","embedding":)";
    std::string bytes;
    body += as_base64 ? '"' : '[';
    for (int k = 0; k < kDimension; ++k) {
      const auto value = static_cast<float>(rng.UniformReal() * 0.1 - 0.05);
      if (as_base64) {
        char raw[4];
        std::memcpy(raw, &value, sizeof raw);
        bytes.append(raw, sizeof raw);
      } else {
        char text[32];
        std::snprintf(text, sizeof text, "%s%.17g", k > 0 ? "," : "", static_cast<double>(value));
        body += text;
      }
    }
    if (as_base64) body += absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
    body += as_base64 ? "\"}" : "]}";
  }
  return body + R"(],"usage":{"prompt_tokens":100,"total_tokens":100}})";
}

class CountItems final : public StreamEventSink {
 public:
  void OnEvent(const StreamEvent& event) override { items += event.items.value_or(0); }
  void OnDone() override {}
  void OnProviderError(std::string_view what) override { Fail(what); }
  void OnMalformed(std::string_view what) override { Fail(what); }
  int64_t items = 0;

 private:
  [[noreturn]] static void Fail(std::string_view what) {
    std::fprintf(stderr, "the answer was refused: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(1);
  }
};

// Gigabytes per CPU-second, in pieces as a socket brings them.
double DecodingSpeed(const std::string& body) {
  const std::unique_ptr<ResponseDecoder> decoder = MakeEmbeddingsDialect({}).value()->NewDecoder();
  constexpr int kRounds = 300;
  constexpr size_t kPiece = 64 * 1024;
  CountItems sink;
  const double begin = OwnCpuSeconds();
  for (int round = 0; round < kRounds; ++round) {
    decoder->Begin("application/json");
    for (size_t at = 0; at < body.size(); at += kPiece) {
      decoder->Decode(std::string_view(body).substr(at, kPiece), sink);
    }
    decoder->End(sink);
  }
  if (sink.items != int64_t{kRounds} * kTexts) std::exit(1);
  return static_cast<double>(body.size()) * kRounds / (OwnCpuSeconds() - begin) / 1e9;
}

Measurement MeasureDecoding(const char* format, bool as_base64) {
  const std::string body = Answer(as_base64);
  std::vector<double> speeds;
  for (int round = 0; round < 5; ++round) speeds.push_back(DecodingSpeed(body));
  return {std::string("embedding answer of 8 x 4096 numbers as ") + format + ", decoded and checked",
          ">= 1 GB per CPU-second",
          Text("%.2f GB", Median(speeds)) + " (5 rounds: " + Range(speeds, "%.2f") + "), body of " +
              Count(static_cast<int64_t>(body.size())) + " bytes",
          Median(speeds) >= 1};
}

Measurement MeasureSmallAnswers() {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "fast", "--embedding-dimensions", "8"}, scratch);
  constexpr double kRequests = 200'000;
  std::vector<double> rates;
  for (int round = 0; round < 5; ++round) {
    Process process(
        {kPrograms + "/llmdyno-embed", "--api-base",
         "http://127.0.0.1:" + std::to_string(endpoint.port) + "/v1", "--model", "perf", "--max-concurrency",
         "64", "--num-requests", "200000", "--sequence-lengths", "short", "--num-runs", "1", "--warmup-runs",
         "0", "--results-file", scratch.File("embed" + std::to_string(round) + ".json")},
        {.cpu = kClientCpu, .output_path = scratch.File("embed.log"), .environment = {}});
    rates.push_back(kRequests / process.Wait().cpu_seconds / 1e3);
  }
  const double median = Median(rates);
  return {"embeddings: 200,000 requests of a short text, vectors of 8 numbers, 64 connections",
          ">= 30 k requests per client CPU-second",
          Text("%.1f k", median) + " (5 runs: " + Range(rates, "%.1f") + "), texts and files included",
          median >= 30};
}

}  // namespace

std::vector<Measurement> MeasureEmbeddings() {
  return {MeasureSmallAnswers(), MeasureDecoding("float", false), MeasureDecoding("base64", true)};
}

}  // namespace llmdyno
