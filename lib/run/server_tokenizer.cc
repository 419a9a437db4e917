#include "llmdyno/run/server_tokenizer.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::json;

constexpr size_t kAtOnce = 32;
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr Duration kFirstPause = std::chrono::milliseconds(200);

// One call of the route.
class TokenizeCall final : public TransferObserver {
 public:
  void OnResponseHead(const ResponseHead& head, const ArrivalStamp& /*stamp*/) override {
    status_ = head.status;
  }
  void OnBytes(std::string_view bytes, const ArrivalStamp& /*stamp*/) override {
    constexpr size_t kLimit = 64U << 20;
    if (body_.size() + bytes.size() <= kLimit) body_.append(bytes);
  }
  void OnEnd(const TransferResult& result) override { result_ = result; }

  bool has_ended() const { return result_.has_value(); }
  const Outcome& outcome() const { return result_->outcome; }
  int status() const { return status_; }

  // vLLM and SGLang answer {"count":N,"tokens":[…],…}, llama.cpp {"tokens":[…]}.
  std::optional<int64_t> Count() const {
    const Json json = Answer();
    if (!json.is_object()) return std::nullopt;
    if (const auto count = json.find("count"); count != json.end() && count->is_number_integer()) {
      return count->get<int64_t>();
    }
    if (const auto tokens = json.find("tokens"); tokens != json.end() && tokens->is_array()) {
      return static_cast<int64_t>(tokens->size());
    }
    return std::nullopt;
  }

  std::optional<std::vector<int32_t>> TokenIds() const {
    const Json json = Answer();
    if (!json.is_object() || !json.contains("tokens") || !json["tokens"].is_array()) return std::nullopt;
    std::vector<int32_t> ids;
    for (const Json& token : json["tokens"]) {
      if (!token.is_number_integer()) return std::nullopt;
      const auto id = token.get<int64_t>();
      if (id < 0 || id > std::numeric_limits<int32_t>::max()) return std::nullopt;
      ids.push_back(static_cast<int32_t>(id));
    }
    if (std::ssize(ids) != Count()) return std::nullopt;  // it counts, but does not list them
    return ids;
  }

 private:
  Json Answer() const {
    if (status_ != 200 || !result_ || !result_->outcome.ok()) return {};
    return Json::parse(body_, nullptr, false);
  }

  int status_ = 0;
  std::string body_;
  std::optional<TransferResult> result_;
};

HttpRequest TokenizeRequest(const Endpoint& endpoint, std::string_view text) {
  HttpRequest http;
  http.url = endpoint.url.RootRoute("tokenize");
  http.bearer_token = endpoint.api_key;
  http.headers = {{"Content-Type", "application/json"}};
  http.headers.insert(http.headers.end(), endpoint.headers.begin(), endpoint.headers.end());
  // `prompt` is vLLM's and SGLang's name of the text, `content` llama.cpp's; each ignores the other's.
  http.body =
      Json{{"model", endpoint.model}, {"prompt", text}, {"content", text}, {"add_special_tokens", false}}
          .dump(-1, ' ', false, Json::error_handler_t::replace);
  return http;
}

class ServerTokenCounter final : public TokenCounter {
 public:
  ServerTokenCounter(Endpoint endpoint, Transport& transport, const Clock& clock)
      : endpoint_(std::move(endpoint)), transport_(transport), clock_(clock) {}

  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    std::vector<TokenCount> counts;
    counts.reserve(texts.size());
    const auto take = [&](const TokenizeCall& call, std::string_view text) {
      const auto count = Insist(call, text, &TokenizeCall::Count);
      counts.push_back(count ? TokenCount{*count, TokenCountSource::kTokenizer}
                             : TokenCount{EstimateTokens(text), TokenCountSource::kEstimated});
      return true;
    };
    ForEach(texts, take);
    return counts;
  }

  absl::StatusOr<std::vector<std::vector<int32_t>>> TokenIds(
      std::span<const std::string_view> texts) override {
    std::vector<std::vector<int32_t>> lists;
    lists.reserve(texts.size());
    std::string problem;
    const auto take = [&](const TokenizeCall& call, std::string_view text) {
      auto ids = Insist(call, text, &TokenizeCall::TokenIds);
      if (!ids) problem = Describe(call);
      if (ids) lists.push_back(*std::move(ids));
      return problem.empty();
    };
    ForEach(texts, take);
    if (problem.empty()) return lists;
    return absl::UnavailableError("prompts as token ids were asked for, but " + ToString(endpoint_.url) +
                                  " does not list the tokens of a text at /tokenize: it said " + problem);
  }

  // Calls take(call, text) for each, in order, until it returns false.
  template <typename Take>
  void ForEach(std::span<const std::string_view> texts, Take take) {
    for (size_t first = 0; first < texts.size(); first += kAtOnce) {
      const std::span<const std::string_view> batch =
          texts.subspan(first, std::min(kAtOnce, texts.size() - first));
      const std::vector<TokenizeCall> calls = CallAll(batch);
      for (size_t i = 0; i < batch.size(); ++i) {
        if (!take(calls[i], batch[i])) return;
      }
    }
  }

  // Sends the texts all at once and waits for the answers, but not for ever.
  std::vector<TokenizeCall> CallAll(std::span<const std::string_view> texts) {
    std::vector<TokenizeCall> calls(texts.size());
    // Ids of their own: the run's begin at 0.
    const int64_t first_id = next_id_;
    next_id_ -= static_cast<int64_t>(texts.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      transport_.Start(first_id - static_cast<int64_t>(i), TokenizeRequest(endpoint_, texts[i]), calls[i]);
    }
    const TimePoint deadline = clock_.Now() + kPatience;
    const auto waiting = [&] {
      return std::any_of(calls.begin(), calls.end(),
                         [](const TokenizeCall& call) { return !call.has_ended(); });
    };
    while (waiting() && clock_.Now() < deadline) transport_.Poll(deadline);
    for (size_t i = 0; i < texts.size(); ++i) transport_.Cancel(first_id - static_cast<int64_t>(i));
    return calls;
  }

  // What `read` finds in the answer. An endpoint under faults may refuse a call now and then; it is made
  // twice more.
  template <typename Found>
  std::optional<Found> Insist(const TokenizeCall& first_call, std::string_view text,
                              std::optional<Found> (TokenizeCall::*read)() const) {
    auto found = (first_call.*read)();
    for (int again = 0; again < 2 && !found; ++again) found = (CallAll({&text, 1}).front().*read)();
    return found;
  }

  static std::string Describe(const TokenizeCall& call) {
    if (call.status() != 0) return "HTTP " + std::to_string(call.status());
    return call.outcome().message;
  }

 private:
  const Endpoint endpoint_;
  Transport& transport_;
  const Clock& clock_;
  int64_t next_id_ = -1;
};

bool IsUnreachable(const Outcome& outcome) {
  return outcome.cls == OutcomeClass::kDnsFailed || outcome.cls == OutcomeClass::kConnectFailed ||
         outcome.cls == OutcomeClass::kTlsFailed || outcome.cls == OutcomeClass::kConnectTimeout;
}

}  // namespace

absl::StatusOr<TokenizerProbe> ProbeServerTokenizer(const Endpoint& endpoint, Transport& transport,
                                                    const Clock& clock, int attempts) {
  auto counter = std::make_unique<ServerTokenCounter>(endpoint, transport, clock);
  Duration pause = kFirstPause;
  std::string problem;
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    const std::string_view text = "hello";
    const std::vector<TokenizeCall> calls = counter->CallAll({&text, 1});
    const TokenizeCall& call = calls.front();
    if (call.Count()) return TokenizerProbe{std::move(counter), ""};
    if (call.status() != 0 || !IsUnreachable(call.outcome())) {
      return TokenizerProbe{nullptr, ServerTokenCounter::Describe(call)};
    }
    problem = call.outcome().message;
    if (attempt == attempts || call.outcome().cls == OutcomeClass::kTlsFailed) break;
    for (const TimePoint until = clock.Now() + pause; clock.Now() < until;) transport.Poll(until);
    pause *= 2;
  }
  return absl::UnavailableError("nothing usable answers at " + ToString(endpoint.url) + ": " + problem);
}

}  // namespace llmdyno
