// Bad input of llmdyno-qps is one sentence on standard error, status 2, and nothing is sent: F03, F16, F35.
#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// Against a live endpoint that counts what it is asked. Refusals are quick, so that one of them serves many.
class Refusals {
 public:
  // What the program says to `more` flags, without its name in front.
  std::string Of(const std::string& program, const Arguments& flags) {
    const Scratch scratch;
    const Finished run = RunApp(program, flags, {.directory = scratch.path()});
    INFO(run.err << run.out);
    CHECK(run.exit == 2);
    CHECK(run.out.empty());
    CHECK(Lines(run.err).size() == 1);
    CHECK(run.err.starts_with("llmdyno-qps"));
    CHECK(QpsFolders(scratch).empty());
    ++questions_;
    CHECK(sim_.Stats()["requests"] == questions_);  // nobody else has asked it anything
    return run.err;
  }
  std::string Qps(const Arguments& more) {
    const Scratch scratch;
    return Of("llmdyno-qps", QpsFlags(scratch, sim_.url(), more));
  }
  std::string Serve(const Arguments& more) {
    Arguments flags = ServeFlags(sim_, more);
    flags.insert(flags.begin(), "serve");
    return Of("llmdyno-qps", flags);
  }

 private:
  SimProcess sim_{{}};
  int questions_ = 0;
};

// What was given must be in the sentence, and each of `parts`.
void CheckSays(const std::string& said, const Arguments& parts) {
  INFO(said);
  for (const std::string& part : parts) {
    INFO(part);
    CHECK(Contains(said, part));
  }
}

}  // namespace

// F03
TEST_CASE("A benchmark without its required flags is refused and names them", "[apps]") {
  const Finished bare = RunApp("llmdyno", {"qps"});
  CHECK(bare.exit == 2);
  CHECK(bare.out.empty());
  CHECK(Lines(bare.err).size() == 1);
  CheckSays(bare.err, {"--endpoint", "--model"});
  const Finished half = RunApp("llmdyno", {"qps", "--endpoint", "http://127.0.0.1:1/v1", "--model", "m"});
  CHECK(half.exit == 2);
  CheckSays(half.err, {"--dataset"});
  const Finished serve = RunApp("llmdyno", {"serve", "--base-url", "http://127.0.0.1:1"});
  CHECK(serve.exit == 2);
  CheckSays(serve.err, {"--model"});
}

// F35
TEST_CASE("Rates that are none are refused with what was given and what is accepted", "[apps]") {
  Refusals refusals;
  for (const std::string rate : {"0", "-1", "x", "nan", "inf", "1e9", "5qps"}) {
    CheckSays(refusals.Qps({"--qps=1," + rate}), {"--qps: ", "'" + rate + "'", "above 0"});
    if (rate == "inf") continue;  // all at once: vLLM's own word
    CheckSays(refusals.Serve({"--dataset-name", "random", "--request-rate=" + rate}),
              {"--request-rate: ", "'" + rate + "'", "inf"});
  }
  CheckSays(refusals.Qps({"--qps="}), {"--qps: ", "at least one rate"});
  CheckSays(refusals.Qps({"--qps=1,,5"}), {"--qps: ", "''"});
  CheckSays(refusals.Qps({"--qps=1,5,"}), {"--qps: ", "'' in '1,5,'"});
  CheckSays(refusals.Qps({"--qps=0.01", "--duration", "1"}), {"--qps: ", "0.01", "--duration 1 s"});
  CheckSays(refusals.Qps({"--duration", "0"}), {"--duration: ", "0s"});
  CheckSays(refusals.Qps({"--duration", "-5"}), {"--duration: ", "'-5'"});
  CheckSays(refusals.Qps({"--max-tokens", "0"}), {"--max-tokens: ", "'0'"});
}

// F16
TEST_CASE("Percentiles that are unknown or given twice are refused", "[apps]") {
  Refusals refusals;
  CheckSays(refusals.Qps({"--percentiles", "42"}), {"--percentiles: ", "42", "50, 75, 90, 95, 99, 99.9"});
  CheckSays(refusals.Qps({"--percentiles", "50,x"}), {"--percentiles: ", "'x'"});
  CheckSays(refusals.Qps({"--percentiles", "0"}), {"--percentiles: ", "'0'"});
  CheckSays(refusals.Qps({"--percentiles", "100"}), {"--percentiles: ", "'100'"});
  CheckSays(refusals.Qps({"--percentiles", "50,50"}), {"--percentiles: ", "twice"});
  CheckSays(refusals.Qps({"--percentiles", ""}), {"--percentiles: "});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--metric-percentiles", "p99"}),
            {"--metric-percentiles: ", "'p99'"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--percentile-metrics", "ttft,latency"}),
            {"--percentile-metrics: ", "'latency'", "e2el"});
}

TEST_CASE("A price that lacks its other half is refused", "[apps]") {
  Refusals refusals;
  CheckSays(refusals.Qps({"--gpu-rate", "2.3"}), {"--gpu-rate", "--num-gpus"});
  CheckSays(refusals.Qps({"--num-gpus", "2"}), {"--gpu-rate", "--num-gpus"});
  CheckSays(refusals.Qps({"--gpu-rate", "-1", "--num-gpus", "2"}), {"--gpu-rate: ", "'-1'"});
  CheckSays(refusals.Qps({"--gpu-rate", "1", "--num-gpus", "0"}), {"--num-gpus: ", "'0'"});
  CheckSays(refusals.Qps({"--price-input", "1"}), {"--price-output"});
  CheckSays(refusals.Qps({"--price-cached", "1"}), {"--price-input"});
  CheckSays(refusals.Qps({"--plan-tokens-per-day", "1M"}), {"--gpu-rate"});
}

TEST_CASE("An SLO that cannot be read is refused at its character", "[apps]") {
  Refusals refusals;
  CheckSays(refusals.Qps({"--slo", "ttft_p99 500ms"}), {"--slo: ", "character 9"});
  CheckSays(refusals.Qps({"--slo", "ttft_p99<500"}), {"--slo: ", "character"});
  CheckSays(refusals.Qps({"--slo", "ttft_p99<500ms,,"}), {"--slo: ", "character 16"});
  CheckSays(refusals.Qps({"--slo", "latency_p99<5s"}), {"--slo: ", "character 1", "latency"});
  CheckSays(refusals.Qps({"--slo", "success>=99"}), {"--slo: ", "%"});
  CheckSays(refusals.Qps({"--slo", "goodput>5"}), {"--slo: ", "--goodput"});
  CheckSays(refusals.Qps({"--goodput", "ttft=500"}), {"--goodput: ", "ttft=500"});
  CheckSays(refusals.Qps({"--goodput", "ttft:500", "speed:5"}), {"--goodput: ", "speed"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--goodput", "ttft:-5"}), {"--goodput: ", "-5"});
}

TEST_CASE("Datasets, arrivals and searches that make no sense are refused by name", "[apps]") {
  Refusals refusals;
  CheckSays(refusals.Qps({"--dataset", "/nowhere.json"}), {"--dataset: ", "'/nowhere.json'"});
  CheckSays(refusals.Qps({"--dataset", "/tmp"}), {"--dataset: ", "a folder"});
  CheckSays(refusals.Qps({"--dataset-format", "conversation"}), {"conversations"});
  CheckSays(refusals.Qps({"--arrival", "poison"}), {"--arrival: ", "'poison'", "did you mean 'poisson'?"});
  CheckSays(refusals.Qps({"--arrival", "constant", "--burstiness", "2"}), {"--burstiness", "gamma"});
  CheckSays(refusals.Qps({"--arrival", "gamma", "--burstiness", "0"}), {"--burstiness: ", "'0'"});
  CheckSays(refusals.Qps({"--find-max", "--qps", "5"}), {"--qps", "--find-max"});
  CheckSays(refusals.Qps({"--find-max", "--find-max-concurrency"}), {"--find-max-concurrency"});
  CheckSays(refusals.Qps({"--find-max", "--find-from", "10", "--find-up-to", "5"}),
            {"--find-from", "--find-up-to"});
  CheckSays(refusals.Qps({"--arrival", "trace", "--qps", "5"}), {"--qps", "--arrival trace"});
  CheckSays(refusals.Qps({"--arrival", "trace", "--find-max"}), {"--find-max", "--arrival trace"});
  CheckSays(refusals.Qps({"--speedup", "2"}), {"--speedup", "--arrival trace"});
  CheckSays(refusals.Qps({"--rate", "5"}), {"unknown flag --rate; see llmdyno-qps --help"});
  CheckSays(refusals.Qps({"--num-gpu", "5"}), {"unknown flag --num-gpu", "did you mean --num-gpus?"});
}

// Another of the dataset's errors: the times that are missing. Telling it needs the file, not the endpoint.
TEST_CASE("A dataset without times cannot be replayed as a trace", "[apps]") {
  Refusals refusals;
  CheckSays(refusals.Qps({"--arrival", "trace"}), {"five.json", "trace", "line 1"});
}

TEST_CASE("What the serving benchmark cannot do is refused by name", "[apps]") {
  Refusals refusals;
  CheckSays(refusals.Serve({}), {"--dataset-path", "sharegpt"});
  CheckSays(refusals.Serve({"--dataset-path", "/nowhere.json"}), {"--dataset-path: ", "'/nowhere.json'"});
  CheckSays(refusals.Serve({"--dataset-name", "sonet"}), {"--dataset-name: ", "did you mean 'sonnet'?"});
  CheckSays(refusals.Serve({"--backend", "tgi"}), {"--backend: ", "openai-chat"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--num-prompts", "0"}), {"--num-prompts: ", "'0'"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--metadata", "novalue"}),
            {"--metadata: ", "'novalue'", "KEY=VALUE"});
  CheckSays(refusals.Serve(
                {"--dataset-name", "random", "--backend", "openai-chat", "--endpoint", "/v1/completions"}),
            {"--endpoint", "--backend"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--ramp-up-strategy", "linear"}),
            {"--ramp-up-start-rps"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--burstiness", "0"}), {"--burstiness: ", "'0'"});
  CheckSays(refusals.Serve({"--dataset-name", "random", "--save-result", "--result-dir", "/proc/at/all"}),
            {"--result-dir: ", "'/proc/at/all'"});
}

}  // namespace llmdyno
