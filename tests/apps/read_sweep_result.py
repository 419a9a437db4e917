"""Reads results of a sweep the way plotting scripts for the older tools' files do, and prints what they draw.

usage: read_sweep_result.py FILE
Keys are taken without a default: a file that lacks one fails here as it would there. Only keys of the older
schemas are looked at.
"""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    data = json.load(file)

metadata = data["metadata"]
results = data["results"]
for key in ["timestamp", "model", "api_base", "num_runs", "warmup_runs", "temperature", "description"]:
    metadata[key]
batch_sizes = sorted(int(size) for size in metadata["batch_sizes"])
assert [str(size) for size in batch_sizes] == sorted(results, key=int), "a batch size without its results"


def leaf(value):
    """The middle of a curve and the edges of its band."""
    mean, std = value["mean"], value["std"]
    return mean, mean - std, mean + std


def timings(entry):
    low = leaf(entry["timings"]["fastest_seconds"])[0]
    high = leaf(entry["timings"]["slowest_seconds"])[0]
    spread = leaf(entry["timings"]["spread_seconds"])[0]
    assert abs(high - low - spread) < 1e-9, f"{high} - {low} is not {spread}"
    return leaf(entry["timings"]["batch_total_seconds"])[0]


def simple_row(entry):
    for key in ["input_per_request", "output_per_request"]:
        leaf(entry["tokens"][key])
    return [leaf(entry["throughput"]["batch_tokens_per_second"]),
            leaf(entry["throughput"]["request_tokens_per_second"])]


def advanced_row(entry):
    assert leaf(entry["batch_metrics"]["batch_duration"])[0] == timings(entry)
    leaf(entry["prefill_metrics"]["input_throughput"])
    leaf(entry["decode_metrics"]["tpot"])
    reliability = entry["reliability"]
    assert reliability["successful_requests"] + reliability["failed_requests"] == reliability["total_requests"]
    assert abs(reliability["success_rate"] + reliability["failure_rate"] - 100) < 1e-9
    return [leaf(entry["prefill_metrics"]["ttft"]), leaf(entry["decode_metrics"]["output_throughput"]),
            leaf(entry["batch_metrics"]["combined_throughput"]), leaf(entry["decode_metrics"]["decode_time"])]


is_simple = "dataset_key" in metadata
if is_simple:
    metadata["max_tokens"], metadata["seed"], metadata["n_cores"]
else:
    metadata["scenario"], metadata["dataset_config"]
for size in batch_sizes:
    entry = results[str(size)]
    timings(entry)
    row = simple_row(entry) if is_simple else advanced_row(entry)
    print(size, *(f"{mean:.6g} [{low:.6g} {high:.6g}]" for mean, low, high in row))
