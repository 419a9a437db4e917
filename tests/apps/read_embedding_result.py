"""Reads results of an embedding benchmark the way plotting scripts for the older tool's files do, and prints
what they draw.

usage: read_embedding_result.py FILE
Keys are taken without a default: a file that lacks one fails here as it would there.
"""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    data = json.load(file)

metadata = data["metadata"]
results = data["results"]
for key in ["timestamp", "model", "api_base", "num_runs", "warmup_runs", "seed", "description"]:
    metadata[key]
assert metadata["concurrent_requests"] is True


def leaf(value):
    """The middle of a curve and the edges of its band."""
    mean, std = value["mean"], value["std"]
    value["min"], value["max"]
    if mean is None:
        return "none"
    assert value["min"] <= mean <= value["max"]
    return f"{mean:.6g} [{mean - std:.6g} {mean + std:.6g}]"


for size in metadata["batch_sizes"]:
    for length in metadata["sequence_lengths"]:
        entry = results[f"batch_{size}_seq_{length}"]
        for key in ["total_per_batch", "embeddings_per_batch"]:
            leaf(entry["tokens"][key])
        for key in ["fastest_seconds", "slowest_seconds", "spread_seconds"]:
            assert (entry["timings"][key]["min"] or 0) >= 0, "a request that ended before it began"
            leaf(entry["timings"][key])
        for key in ["request_embeddings_per_second", "request_tokens_per_second"]:
            leaf(entry["throughput"][key])
        print(size, length, leaf(entry["throughput"]["batch_embeddings_per_second"]),
              leaf(entry["throughput"]["batch_tokens_per_second"]),
              leaf(entry["timings"]["batch_total_seconds"]))
