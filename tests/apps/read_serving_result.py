"""Reads a result of a serving benchmark the way dashboards fed by vLLM's files do, and prints a table row.

usage: read_serving_result.py FILE
Every key is taken without a default: a file that lacks one fails here as it would there.
"""
import json
import statistics
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    result = json.load(file)

# What result tables show.
columns = ["model_id", "request_rate", "completed", "request_throughput", "output_throughput",
           "total_token_throughput", "mean_ttft_ms", "median_ttft_ms", "p99_ttft_ms", "mean_tpot_ms",
           "median_tpot_ms", "p99_tpot_ms", "mean_itl_ms", "median_itl_ms", "p99_itl_ms"]
row = [result[column] for column in columns]

# What identifies a run in a database, and what older and newer readers look for.
for key in ["date", "endpoint_type", "backend", "label", "tokenizer_id", "num_prompts", "burstiness",
            "max_concurrency", "duration", "failed", "total_input_tokens", "total_output_tokens",
            "request_goodput", "max_output_tokens_per_s", "max_concurrent_requests", "std_ttft_ms",
            "std_tpot_ms", "std_itl_ms", "mean_e2el_ms", "median_e2el_ms", "p99_e2el_ms", "rtfx"]:
    result[key]

# Arrays have an entry per request, seconds; a failure has zero tokens and a text of its error.
count = result["num_prompts"]
for key in ["input_lens", "output_lens", "ttfts", "itls", "generated_texts", "errors", "start_times"]:
    assert len(result[key]) == count, f"{key} has {len(result[key])} entries, not {count}"
assert result["completed"] + result["failed"] == count
good = [i for i in range(count) if not result["errors"][i]]
assert len(good) == result["completed"], f"{len(good)} without an error, {result['completed']} completed"
assert sum(result["output_lens"]) == result["total_output_tokens"]
mean_ttft_ms = 1000 * statistics.fmean(result["ttfts"][i] for i in good)
assert abs(mean_ttft_ms - result["mean_ttft_ms"]) < 1e-3, f"{mean_ttft_ms} {result['mean_ttft_ms']}"
itls = [gap for i in good for gap in result["itls"][i]]
assert abs(1000 * statistics.fmean(itls) - result["mean_itl_ms"]) < 1e-3
throughput = result["completed"] / result["duration"]
assert abs(throughput - result["request_throughput"]) < 1e-6 * throughput

print("| " + " | ".join(str(round(value, 2)) if isinstance(value, float) else str(value) for value in row) + " |")
