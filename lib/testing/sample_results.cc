#include "llmdyno/testing/report_writer_conformance.h"

namespace llmdyno {
namespace {

constexpr const char* kVerdict = R"("verdict": {"valid": true, "reasons": [], "unknown": [], "doubts": [],
  "caveats": [{"code": "few_samples", "figure": 40, "limit": 100, "about_client": false,
  "sentence": "p99 of latencies rest on too few samples: 40 of 100 that are the least; send more requests"}]})";

constexpr const char* kDistributions = R"("distributions": {
  "ttft_ms": {"unit": "ms", "n": 40, "mean": 41.25, "std": 3.5, "min": 36.0, "max": 61.0, "p50": 40.5, "p90": 47.0,
    "p95": 52.0, "p99": 60.1, "thin": ["p99"]},
  "tpot_ms": {"unit": "ms", "n": 40, "mean": 9.75, "std": 0.5, "min": 9.0, "max": 12.0, "p50": 9.7, "p90": 10.4,
    "p95": 11.0, "p99": 11.9, "thin": ["p99"]},
  "itl_ms": {"unit": "ms", "n": 8120, "mean": 9.7, "std": null, "min": 4.1, "max": 38.0, "p50": 9.6, "p90": 10.9,
    "p95": 11.8, "p99": 19.2, "thin": []},
  "e2e_ms": {"unit": "ms", "n": 40, "mean": 2020.5, "std": 210.0, "min": 1500.0, "max": 2600.0, "p50": 2010.0,
    "p90": 2300.0, "p95": 2410.0, "p99": 2580.0, "thin": ["p99"]}})";

constexpr const char* kFailures =
    R"("failures": [{"class": "overload", "count": 2, "sample_message": "HTTP 503: try again later"}])";

std::string Race() {
  return std::string(R"({"format": "llmdyno-summary", "version": 1, "title": "Race to 8,000 output tokens",
  "simulated": false, "engine": "vllm", "model": "llama", "endpoint": "http://server:8000/v1", "users": 8, "seed": 0,
  "started_at": "2025-01-31T12:00:00.000Z", "llmdyno_version": "0.1.0", "complete": true,
  "stop_reason": "target_tokens", "metrics": {"output_tokens": 8160, "input_tokens": 4000, "total_tokens": 12160,
  "elapsed_s": 10.5, "output_tokens_per_s": 777.14, "total_tokens_per_s": 1158.1, "requests": 42, "successful": 40,
  "failed": 2, "success_rate_percent": 95.24, "requests_per_s": 3.81},
  "rate_ci95": {"output_tokens_per_s": [750.1, 801.9], "total_tokens_per_s": null, "requests_per_s": [3.6, 4.0]},)") +
         kDistributions + "," + kFailures + "," + kVerdict +
         R"(, "cost": null, "notes": ["the model ends answers early"], "files": {"csv": "a.csv"},
  "configuration": {"users": 8}})";
}

std::string Rates() {
  return std::string(
             R"({"metadata": {"timestamp": "2025-01-31T13:00:00.123456", "endpoint": "http://server:8000/v1",
  "model": "llama", "dataset": "prompts.jsonl", "qps_levels": [4.0, "inf"], "duration": 10.0, "title": "QPS benchmark",
  "simulated": false, "load_kind": "rate", "slo": "ttft_p99<500ms", "llmdyno_version": "0.1.0",
  "recommendation": {"highest_99": 4.0, "reasons": ["no level is saturated"]}, "capacity": null, "notes": []},
  "results": [{"qps_target": 4.0, "actual_qps": 4.0, "duration": 11.8, "total_requests": 42,
  "successful_requests": 40, "failed_requests": 2, "success_rate": 95.24, "users": null, "simulated": false,
  "stop_reason": "target_requests", "successful_qps": 3.39, "output_tokens_per_s": 691.5,
  "slo": {"met": false, "misses": [{"term": "success>=99%", "actual": 95.24,
  "sentence": "success was 95.24 %, limit 99 %"}]}, "cost_analysis": {"cost_per_million_tokens": 1.25},)") +
         kDistributions + "," + kFailures + "," + kVerdict + "}]}";
}

std::string Serving() {
  return std::string(
             R"({"date": "20250131-130000", "endpoint_type": "openai", "backend": "openai", "label": "openai",
  "model_id": "llama", "tokenizer_id": "llama", "num_prompts": 42, "request_rate": "inf", "burstiness": 1.0,
  "max_concurrency": null, "duration": 10.5, "completed": 40, "failed": 2, "total_input_tokens": 4000,
  "total_output_tokens": 8160, "request_throughput": 3.81, "request_goodput": null, "output_throughput": 777.14,
  "total_token_throughput": 1158.1, "mean_ttft_ms": 41.25, "median_ttft_ms": 40.5, "p99_ttft_ms": 60.1,
  "mean_tpot_ms": 9.75, "median_tpot_ms": 9.7, "p99_tpot_ms": 11.9, "mean_itl_ms": 9.7, "median_itl_ms": 9.6,
  "p99_itl_ms": 19.2, "first_token": "any-chunk", "llmdyno": {"llmdyno_version": "0.1.0", "simulated": false,
  "seed": 0, "endpoint": "http://server:8000/v1/completions", "stop_reason": "target_requests", "notes": [],)") +
         kFailures + "," + kVerdict + "}}";
}

// `figures` are the members of the one entry that its kind alone has.
std::string Sweep(const std::string& kind, const std::string& key, const std::string& figures) {
  return R"-({"metadata": {"timestamp": "2025-01-31T13:00:00.123456", "model": "llama", "scenario": "D(100,20)",
  "format": "llmdyno-sweep", "version": 1, "title": "Sweep", "endpoint": "http://server:8000/v1/chat/completions",
  "simulated": false, "batch_sizes": [8], "num_runs": 3, "execution_mode": "burst", "description": "",
  "llmdyno_version": "0.1.0", "notes": [], "kind": ")-" +
         kind + R"-("}, "results": {")-" + key +
         R"-(": {"reliability": {"total_requests": 42, "successful_requests": 40, "failed_requests": 2,
  "success_rate": 95.24, "failure_rate": 4.76, "attempts": 42}, "in_flight": 8, "runs": 3,
  "started_at": "2025-01-31T12:00:00.000Z", "stop_reason": "target_requests",)-" +
         figures + "," + kFailures + "," + kVerdict + "}}}";
}

constexpr const char* kLeaf =
    R"({"mean": 0.041, "std": 0.003, "n": 40, "p50": 0.04, "p90": 0.047, "p95": 0.052, "p99": 0.06, "min": 0.036,
  "max": 0.061, "mean_ci95": [0.039, 0.043], "p50_ci95": null})";

}  // namespace

std::vector<ResultDocument> SampleResults() {
  const std::string leaf = kLeaf;
  return {
      {"llmdyno-race", Race()},
      {"llmdyno-qps", Rates()},
      {"llmdyno-qps serve", Serving()},
      {"llmdyno-sweep",
       Sweep("completion", "8",
             R"("prefill_metrics": {"ttft": )" + leaf + R"(}, "decode_metrics": {"tpot": )" + leaf +
                 R"(, "e2e": )" + leaf + R"(}, "batch_metrics": {"tokens_per_second": )" + leaf + "}")},
      {"llmdyno-sweep", Sweep("shapes", "in_128_out_32_batch_8",
                              R"("input_tokens": 128, "output_tokens": 32, "batch_size": 8, "tpot_s": )" +
                                  leaf + R"(, "prefill_time_s": )" + leaf + R"(, "e2e_s": )" + leaf)},
      {"llmdyno-sweep simple", Sweep("simple", "8",
                                     R"("latency": {"e2e": )" + leaf +
                                         R"(}, "throughput": {"batch_tokens_per_second": )" + leaf + "}")},
      {"llmdyno-embed", Sweep("embedding", "batch_8_seq_short",
                              R"("latency": {"request_seconds": )" + leaf +
                                  R"(}, "throughput": {"batch_embeddings_per_second": )" + leaf + "}")}};
}

}  // namespace llmdyno
