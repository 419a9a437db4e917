#!/usr/bin/env bash
# What do LoRA adapters cost? Three sweeps of the same requests: to the base model, spread evenly over a few adapters,
# and over many; then one plot of the three.
#
#   examples/lora_comparison.sh [API_BASE [MODEL [OUTPUT_FOLDER]]]
#
# Environment: FEW and MANY (names of adapters, with commas between them), FORMAT (how an adapter is asked for; vLLM's
# own is "{lora}"), SCENARIO, BATCH_SIZES, RUNS. API_BASE "simulate" uses the simulated endpoint.
set -euo pipefail

api_base=${1:-http://localhost:8000/v1}
model=${2:-simulated}
folder=${3:-lora_comparison}
few=${FEW:-lora-1,lora-2,lora-3,lora-4}
many=${MANY:-lora-1,lora-2,lora-3,lora-4,lora-5,lora-6,lora-7,lora-8}
format=${FORMAT:-"{model}:{lora}"}
scenario=${SCENARIO:-"N(3000,50)/(50,0)"}
batch_sizes=${BATCH_SIZES:-1,2,4,8,16,32,64,128}
runs=${RUNS:-3}

bin=$(cd "$(dirname "$0")/.." && pwd)/build/release/bin
command -v llmdyno-sweep >/dev/null || PATH="$bin:$PATH"

endpoint=(--api-base "$api_base" --model "$model")
[ "$api_base" = simulate ] && endpoint=(--simulate h100-llama-3.1-8b)

sweep() {  # NAME DESCRIPTION [FLAGS...]
  local name=$1 description=$2
  shift 2
  llmdyno-sweep "${endpoint[@]}" --scenario "$scenario" --batch-sizes "$batch_sizes" --num-runs "$runs" \
    --results-file "$folder/$name.json" --description "$description" "$@"
}

sweep base "base model"
sweep few "a few adapters, evenly" --lora-strategy uniform --lora-names "$few" --lora-model-format "$format"
sweep many "many adapters" --lora-strategy all-unique --lora-names "$many" --lora-model-format "$format"
llmdyno-report plot "$folder/base.json" "$folder/few.json" "$folder/many.json" -o "$folder/comparison.png"
