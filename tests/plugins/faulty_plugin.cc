// A plugin that does on request whatever a plugin must not.
#include <sys/mman.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/plugin.h"

namespace {

using namespace llmdyno;

struct HowToFail {
  std::string how;
  int64_t after = 3;  // good calls before it
};

absl::StatusOr<HowToFail> ReadHow(const Params& params) {
  HowToFail fail;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("how", fail.how).Read("after", fail.after).Finish());
  return fail;
}

// True when there was something to do of what any call can do.
bool FailAnyhow(const std::string& how) {
  if (how == "throws") throw std::runtime_error("the rows are used up");
  if (how == "throws_int") throw 7;
  if (how == "blocks_a_while") std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  if (how == "blocks") std::this_thread::sleep_for(std::chrono::hours(1));
  if (how == "crashes") ::raise(SIGSEGV);
  if (how == "writes_to_null") {
    // What the compiler cannot see through.
    volatile int* const nowhere =
        static_cast<int*>(::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    *nowhere = 1;
  }
  if (how == "aborts") std::abort();
  return how == "blocks_a_while";
}

class FaultySource final : public RequestSource {
 public:
  explicit FaultySource(HowToFail fail) : fail_(std::move(fail)) {}

  NextRequest Next(TimePoint now) override {
    Request request;
    request.id = given_;
    request.body = ChatBody{{{"user", "question " + std::to_string(given_)}}};
    request.max_output_tokens = 4;
    if (given_++ < fail_.after) return request;
    FailAnyhow(fail_.how);
    if (fail_.how == "no_messages") request.body = ChatBody{};
    if (fail_.how == "negative_limit") request.max_output_tokens = -5;
    if (fail_.how == "same_id") request.id = 0;
    if (fail_.how == "embeds") request.body = EmbeddingBody{{"a text"}};
    if (fail_.how == "always_past") return NotBefore{now - std::chrono::seconds(1)};
    if (fail_.how == "far_ahead") return NotBefore{kEndOfTime};
    if (fail_.how == "awaits_nothing") return AwaitResponse{};
    return request;
  }
  void OnFinished(const RequestRecord&) override {
    if (fail_.how == "throws_when_told" && ++told_ > fail_.after) throw std::logic_error("told too much");
  }

 private:
  const HowToFail fail_;
  int64_t given_ = 0;
  int64_t told_ = 0;
};

absl::StatusOr<std::unique_ptr<RequestSource>> MakeSource(const Params& params, const WorkloadContext&) {
  LLMDYNO_ASSIGN_OR_RETURN(HowToFail fail, ReadHow(params));
  if (fail.how == "factory_throws") throw std::runtime_error("no source today");
  if (fail.how == "factory_null") return std::unique_ptr<RequestSource>();
  return std::make_unique<FaultySource>(std::move(fail));
}

class FaultyArrivals final : public ArrivalProcess {
 public:
  explicit FaultyArrivals(HowToFail fail) : fail_(std::move(fail)) {}
  std::optional<Duration> Next() override {
    const Duration offset = std::chrono::milliseconds(20) * given_;
    if (given_++ < fail_.after) return offset;
    FailAnyhow(fail_.how);
    if (fail_.how == "goes_back") return Duration::zero();
    if (fail_.how == "negative") return Duration(-1);
    return offset;
  }

 private:
  const HowToFail fail_;
  int64_t given_ = 0;
};

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeArrivals(const Params& params, const ArrivalContext&) {
  LLMDYNO_ASSIGN_OR_RETURN(HowToFail fail, ReadHow(params));
  return std::make_unique<FaultyArrivals>(std::move(fail));
}

class FaultySink final : public RecordSink {
 public:
  explicit FaultySink(HowToFail fail) : fail_(std::move(fail)) {}
  void OnRecord(const RequestRecord&) override {
    if (seen_++ >= fail_.after) FailAnyhow(fail_.how);
  }

 private:
  const HowToFail fail_;
  int64_t seen_ = 0;
};

absl::StatusOr<std::unique_ptr<RecordSink>> MakeSink(const Params& params, const RecordSinkContext&) {
  LLMDYNO_ASSIGN_OR_RETURN(HowToFail fail, ReadHow(params));
  return std::make_unique<FaultySink>(std::move(fail));
}

// The OpenAI API, until it fails.
class FaultyDialect final : public Dialect {
 public:
  FaultyDialect(HowToFail fail, std::unique_ptr<const Dialect> inner)
      : fail_(std::move(fail)), inner_(std::move(inner)) {}
  std::string_view name() const override { return "faulty"; }
  bool streams() const override { return inner_->streams(); }
  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    if (request.id >= fail_.after) FailAnyhow(fail_.how);
    return inner_->Encode(request, endpoint, http);
  }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    return fail_.how == "no_decoder" ? nullptr : inner_->NewDecoder();
  }

 private:
  const HowToFail fail_;
  const std::unique_ptr<const Dialect> inner_;
};

absl::StatusOr<std::shared_ptr<const Dialect>> MakeDialect(const Params& params,
                                                           const DialectContext& context) {
  LLMDYNO_ASSIGN_OR_RETURN(HowToFail fail, ReadHow(params));
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<const Dialect> inner, MakeOpenAiDialect(context.spec.dialect));
  return std::make_shared<const FaultyDialect>(std::move(fail), std::move(inner));
}

absl::Status Register(Catalog& catalog) {
  const std::vector<SettingHelp> settings = {{"how", "", "what to do wrong"},
                                             {"after", "3", "good calls before that"}};
  LLMDYNO_RETURN_IF_ERROR(catalog.workloads.Add({"faulty", "misbehaves", MakeSource, settings}));
  LLMDYNO_RETURN_IF_ERROR(catalog.arrivals.Add({"faulty", "misbehaves", MakeArrivals, settings}));
  LLMDYNO_RETURN_IF_ERROR(catalog.dialects.Add({"faulty", "misbehaves", MakeDialect, settings}));
  return catalog.sinks.Add({"faulty", "misbehaves", MakeSink, settings});
}

}  // namespace

LLMDYNO_PLUGIN("faulty", "0.1", "does what a plugin must not", Register)
