#include "hub/hub_client.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "llmdyno/base/duration_text.h"

namespace llmdyno {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr int kAttempts = 6;
constexpr Duration kFirstPause = 1s;
constexpr Duration kLongestPause = 5min;  // who asks for more is asked no more
constexpr Duration kPatience = 2min;      // for one answer
// A page has a hundred rows; one may have a megabyte.
constexpr size_t kMostBytes = size_t{256} << 20;

class Call final : public TransferObserver {
 public:
  void OnResponseHead(const ResponseHead& head, const ArrivalStamp& /*stamp*/) override {
    reply_.status = head.status;
    reply_.retry_after = head.retry_after;
  }
  void OnBytes(std::string_view bytes, const ArrivalStamp& /*stamp*/) override {
    is_too_large_ = is_too_large_ || reply_.body.size() + bytes.size() > kMostBytes;
    if (!is_too_large_) reply_.body.append(bytes);
  }
  void OnEnd(const TransferResult& result) override {
    reply_.outcome = result.outcome;
    has_ended_ = true;
    if (!is_too_large_) return;
    reply_.outcome.cls = OutcomeClass::kMalformedStream;
    reply_.outcome.message = "the answer has more than 256 MiB";
  }

  bool has_ended() const { return has_ended_; }
  HubReply Take() { return std::move(reply_); }

 private:
  HubReply reply_;
  bool has_ended_ = false;
  bool is_too_large_ = false;
};

bool IsWorthAnotherTry(const HubReply& reply) {
  switch (reply.outcome.cls) {
    case OutcomeClass::kDnsFailed:  // a machine without a network
    case OutcomeClass::kConnectFailed:
    case OutcomeClass::kTlsFailed:
    case OutcomeClass::kMalformedStream:
      return false;
    case OutcomeClass::kOk:
      break;
    default:
      return true;
  }
  if (reply.retry_after && *reply.retry_after > kLongestPause) return false;
  return reply.status == 429 || reply.status == 408 || (reply.status >= 500 && reply.status != 501);
}

std::string OnOneLine(std::string text) {
  constexpr size_t kMost = 300;
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  if (text.size() > kMost) text = text.substr(0, kMost) + "…";
  return text;
}

}  // namespace

HubReply HubClient::Get(const std::string& url) {
  return std::move(GetAll(std::span(&url, 1), settings_.token).front());
}

std::vector<HubReply> HubClient::GetAll(std::span<const std::string> urls) { return GetAll(urls, Secret()); }

std::vector<HubReply> HubClient::GetAll(std::span<const std::string> urls, const Secret& token) {
  std::vector<HubReply> replies(urls.size());
  std::vector<size_t> open;
  for (size_t i = 0; i < urls.size(); ++i) open.push_back(i);
  Duration pause = kFirstPause;
  for (int attempt = 1; !open.empty(); ++attempt) {
    GetOnce(urls, token, open, replies);
    open.erase(
        std::remove_if(open.begin(), open.end(), [&](size_t i) { return !IsWorthAnotherTry(replies[i]); }),
        open.end());
    if (open.empty() || attempt == kAttempts) break;
    Duration wanted = pause;
    for (const size_t i : open) wanted = std::max(wanted, replies[i].retry_after.value_or(Duration::zero()));
    diagnostics_.Note("the dataset server answered " + Describe(replies[open.front()]) +
                      "; it is asked again in " + ToString(wanted));
    Wait(wanted);
    pause *= 2;
  }
  return replies;
}

void HubClient::GetOnce(std::span<const std::string> urls, const Secret& token, std::span<const size_t> which,
                        std::vector<HubReply>& replies) {
  std::vector<Call> calls(which.size());
  // Ids of their own: those of runs begin at 0.
  const auto id = [](size_t i) { return -1 - static_cast<int64_t>(i); };
  for (size_t i = 0; i < which.size(); ++i) {
    HttpRequest request;
    request.method = "GET";
    request.url = urls[which[i]];
    request.bearer_token = token;
    transport_.Start(id(i), request, calls[i]);
  }
  const TimePoint deadline = clock_.Now() + kPatience;
  const auto is_waiting = [&] {
    return std::any_of(calls.begin(), calls.end(), [](const Call& call) { return !call.has_ended(); });
  };
  while (is_waiting() && clock_.Now() < deadline) transport_.Poll(deadline);
  for (size_t i = 0; i < which.size(); ++i) {
    const bool has_ended = calls[i].has_ended();
    transport_.Cancel(id(i));
    HubReply& reply = replies[which[i]] = calls[i].Take();
    if (!has_ended) reply.outcome.message = "no complete answer within " + ToString(kPatience);
  }
}

void HubClient::Wait(Duration duration) {
  for (const TimePoint until = clock_.Now() + duration; clock_.Now() < until;) transport_.Poll(until);
}

std::string HubClient::ErrorText(const HubReply& reply) const {
  const Json json = Json::parse(reply.body, nullptr, false);
  if (!json.is_object()) return "";
  const auto error = json.find("error");
  if (error == json.end() || !error->is_string()) return "";
  std::string text = error->get<std::string>();
  // A server may repeat what it was sent.
  const std::string& token = settings_.token.Reveal();
  for (size_t at = 0; !token.empty() && (at = text.find(token, at)) != std::string::npos;) {
    text.replace(at, token.size(), ToString(settings_.token));
  }
  return OnOneLine(std::move(text));
}

std::string HubClient::Describe(const HubReply& reply) const {
  if (!reply.outcome.ok()) return reply.outcome.message;
  const std::string text = ErrorText(reply);
  return "HTTP " + std::to_string(reply.status) + (text.empty() ? "" : " (" + text + ")");
}

std::string EncodeForUrl(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~');
    if (is_plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

}  // namespace llmdyno
