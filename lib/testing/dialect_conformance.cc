#include "llmdyno/testing/dialect_conformance.h"

#include <algorithm>

#include "llmdyno/base/random.h"
#include "llmdyno/testing/event_recorder.h"
#include "testing/violations.h"

namespace llmdyno {
namespace {

constexpr std::string_view kKey = "conformance-key-0123456789";

Endpoint SampleEndpoint() {
  Endpoint endpoint;
  endpoint.url.origin = "http://conformance.test:8000";
  endpoint.url.prefix = "/v1";
  endpoint.model = "conformance-model";
  endpoint.api_key = Secret(std::string(kKey));
  endpoint.headers = {{"X-Conformance", "header-value"}};
  return endpoint;
}

bool IsSame(const HttpRequest& a, const HttpRequest& b) {
  const auto same_header = [](const HttpHeader& x, const HttpHeader& y) {
    return x.name == y.name && x.value == y.value;
  };
  return a.method == b.method && a.url == b.url && a.body == b.body &&
         a.bearer_token.Reveal() == b.bearer_token.Reveal() &&
         std::equal(a.headers.begin(), a.headers.end(), b.headers.begin(), b.headers.end(), same_header);
}

void CheckEncoding(const Dialect& dialect, const DialectSamples& samples, Violations& found) {
  const Endpoint endpoint = SampleEndpoint();
  found.Expect(!dialect.name().empty(), "the dialect has no name");
  found.Expect(!samples.carried.empty(), "no request is given that the dialect carries");
  HttpRequest used;
  used.method = "DELETE";
  used.url = "http://elsewhere/";
  used.headers = {{"X-Left-Over", "1"}};
  used.bearer_token = Secret("left over");
  used.body = "left over";
  for (const Request& request : samples.carried) {
    HttpRequest fresh;
    if (const absl::Status status = dialect.Encode(request, endpoint, fresh); !status.ok()) {
      found.Expect(false, "a request that it should carry is refused: " + std::string(status.message()));
      continue;
    }
    found.Expect(
        dialect.Encode(request, endpoint, used).ok() && IsSame(fresh, used),
        "encoding into a request that was used before gives another result: replace everything in it");
    found.Expect(fresh.method == "POST" || fresh.method == "GET",
                 "the method is neither POST nor GET: " + fresh.method);
    found.Expect(fresh.url.starts_with(endpoint.url.origin + "/"),
                 "the URL is not one of the endpoint: " + fresh.url);
    found.Expect(fresh.bearer_token.Reveal() == kKey, "the key is not handed on as bearer_token");
    bool key_elsewhere =
        fresh.url.find(kKey) != std::string::npos || fresh.body.find(kKey) != std::string::npos;
    bool has_user_header = false;
    for (const HttpHeader& header : fresh.headers) {
      key_elsewhere = key_elsewhere || header.value.find(kKey) != std::string::npos;
      has_user_header = has_user_header || (header.name == "X-Conformance" && header.value == "header-value");
      found.Expect((header.name + header.value).find_first_of("\r\n") == std::string::npos,
                   "a header has a line break in it");
    }
    found.Expect(!key_elsewhere,
                 "the key is also in the URL, a header or the body, where logs would show it");
    found.Expect(has_user_header, "the endpoint's own headers are not sent");
    Endpoint keyless = endpoint;
    keyless.api_key = Secret();
    HttpRequest without_key;
    found.Expect(dialect.Encode(request, keyless, without_key).ok() && without_key.bearer_token.empty(),
                 "an endpoint without a key gets one");
  }
  for (const Request& request : samples.refused) {
    HttpRequest http;
    found.Expect(absl::IsInvalidArgument(dialect.Encode(request, endpoint, http)),
                 "a body that it cannot carry is not refused as InvalidArgument");
  }
}

using Lines = std::vector<std::string>;

Lines Decode(ResponseDecoder& decoder, const DialectSamples::Response& response,
             std::span<const std::string_view> pieces) {
  return ToStrings(DecodePieces(decoder, response.content_type, pieces));
}

// A text, or vectors or scores.
bool HasSubstance(const std::vector<RecordedEvent>& events) {
  return std::any_of(events.begin(), events.end(), [](const RecordedEvent& event) {
    return event.texts > 0 || event.items.value_or(0) > 0;
  });
}

void CheckChunkings(ResponseDecoder& decoder, const DialectSamples::Response& response, const Lines& whole,
                    Violations& found) {
  const std::string_view body = response.body;
  found.Expect(Decode(decoder, response, CutEvery(body, 1)) == whole,
               "byte by byte, a response gives other events");
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    const std::string_view pieces[] = {body.substr(0, cut), body.substr(cut)};
    if (!found.Expect(Decode(decoder, response, pieces) == whole,
                      "a response that is cut in two gives other events"))
      return;
  }
}

// Damage of any kind may give any events, but must neither crash nor leak into the next response.
void CheckDamage(ResponseDecoder& decoder, const DialectSamples::Response& response, const Lines& whole,
                 Violations& found) {
  const std::string_view body = response.body;
  Rng rng(1);
  for (int round = 0; round < 200; ++round) {
    std::string damaged = response.body;
    for (int64_t flips = rng.UniformInt(1, 4); flips > 0 && !damaged.empty(); --flips) {
      damaged[static_cast<size_t>(rng.UniformInt(0, std::ssize(damaged) - 1))] =
          static_cast<char>(rng.UniformInt(0, 255));
    }
    const std::vector<RecordedEvent> events = DecodeWhole(decoder, response.content_type, damaged);
    const Lines pieces = ToStrings(DecodePieces(decoder, response.content_type, CutEvery(damaged, 7)));
    found.Expect(pieces == ToStrings(events),
                 "a damaged response gives other events when it comes in pieces");
    EventRecorder lost;
    decoder.Begin(response.content_type);
    decoder.Decode(body.substr(0, static_cast<size_t>(rng.UniformInt(0, std::ssize(body)))), lost);
    // No End: the transfer broke off.
    found.Expect(Decode(decoder, response, {&body, 1}) == whole,
                 "a response gives other events after one that was damaged or broke off");
  }
}

void CheckDecoding(const Dialect& dialect, const DialectSamples& samples, Violations& found) {
  found.Expect(!samples.responses.empty(), "no response is given that the dialect reads");
  const std::unique_ptr<ResponseDecoder> decoder = dialect.NewDecoder();
  if (!found.Expect(decoder != nullptr, "NewDecoder gives nothing")) return;
  for (const DialectSamples::Response& response : samples.responses) {
    const std::vector<RecordedEvent> events = DecodeWhole(*decoder, response.content_type, response.body);
    const Lines whole = ToStrings(events);
    found.Expect(HasSubstance(events), "a good response gives no text, vector or score");
    const bool has_problem = std::any_of(events.begin(), events.end(), [](const RecordedEvent& event) {
      return event.kind == RecordedEvent::Kind::kMalformed ||
             event.kind == RecordedEvent::Kind::kProviderError;
    });
    found.Expect(!has_problem, "a good response gives an error");
    CheckChunkings(*decoder, response, whole, found);
    CheckDamage(*decoder, response, whole, found);
    const std::unique_ptr<ResponseDecoder> sibling = decoder->NewSibling();
    if (!found.Expect(sibling != nullptr, "NewSibling gives nothing")) continue;
    const std::string_view body = response.body;
    found.Expect(Decode(*sibling, response, {&body, 1}) == whole, "a sibling decoder gives other events");
    // Two responses side by side, a byte of each in turn.
    EventRecorder one;
    EventRecorder other;
    decoder->Begin(response.content_type);
    sibling->Begin(response.content_type);
    for (size_t i = 0; i < body.size(); ++i) {
      decoder->Decode(body.substr(i, 1), one);
      sibling->Decode(body.substr(i, 1), other);
    }
    decoder->End(one);
    sibling->End(other);
    found.Expect(ToStrings(one.events()) == whole && ToStrings(other.events()) == whole,
                 "siblings that read two responses in turn disturb one another");
  }
  for (const std::string_view nonsense :
       {"<html><body>It works!</body></html>", "", "\n\n\n", "nothing of the kind"}) {
    found.Expect(!HasSubstance(DecodeWhole(*decoder, "text/html", nonsense)),
                 "something that is no response gives a text, vector or score");
  }
}

}  // namespace

std::vector<std::string> CheckDialect(const Dialect& dialect, const DialectSamples& samples) {
  Violations found;
  CheckEncoding(dialect, samples, found);
  CheckDecoding(dialect, samples, found);
  return found.Take();
}

}  // namespace llmdyno
