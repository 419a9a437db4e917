#include "sweep/describe_sweep.h"

#include <algorithm>
#include <vector>

#include "cli/request_route.h"

namespace llmdyno {

SweepReport DescribeSweep(const SweepSpec& spec, const SweepOptions& options, const FlagTable& flags,
                          bool is_simulated, WallTime now) {
  SweepReport report;
  report.title = options.is_simple() ? "Simple sweep" : options.is_grid() ? "Shapes" : "Sweep";
  report.kind = spec.kind;
  report.model = spec.run.endpoint.model;
  report.api_base = spec.run.endpoint.url.Route("");
  report.api_base.pop_back();  // the slash
  report.endpoint = RequestRoute(spec.run, *spec.dialect);
  report.is_simulated = is_simulated;
  report.seed = spec.run.seed;
  report.scenario = options.scenario;
  report.prompt_source = spec.prompt_source;
  if (spec.dataset) report.dataset_config_json = spec.dataset->json;
  report.dataset_key = options.dataset_key;
  report.is_sustained = options.is_sustained();
  for (const SweepLevel& level : spec.sweep.levels) {
    const auto& values = report.sweep_values;
    if (std::find(values.begin(), values.end(), level.in_flight) == values.end()) {
      report.sweep_values.push_back(level.in_flight);
    }
  }
  report.num_prompts = options.num_prompts;
  if (options.duration) report.duration_s = ToSeconds(*options.duration);
  report.num_runs = options.num_runs;
  report.warmup_runs = options.warmup_runs;
  report.max_tokens = options.is_simple() ? options.max_tokens : std::optional(spec.max_output_tokens);
  report.temperature = options.request.temperature;
  report.num_completions = options.num_completions;
  report.stream = spec.dialect->streams();
  report.ignore_eos = spec.run.dialect.ignore_eos;
  if (spec.images) {
    report.num_images = spec.images->count;
    report.image_size = std::to_string(spec.images->width_px) + "x" + std::to_string(spec.images->height_px);
  }
  if (spec.adapters) {
    report.lora = SweepReport::Lora{std::string(ToString(spec.adapters->strategy)), spec.adapters->names,
                                    spec.adapters->base_model_ratio, spec.adapters->zipf_alpha};
  }
  report.steady_state_threshold = spec.sweep.metrics.steady.threshold;
  report.description = options.description;
  report.configuration_json = flags.ConfigurationJson();
  report.provenance = {LLMDYNO_VERSION, __VERSION__, now};
  return report;
}

}  // namespace llmdyno
