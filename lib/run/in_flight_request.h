// One request under way: hears the transport, decodes, and assembles the record.
#pragma once

#include <memory>
#include <string>

#include "llmdyno/core/record.h"
#include "llmdyno/core/request.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/net/transport.h"
#include "run/output_calibration.h"
#include "run/redactor.h"
#include "run/vector_dimension.h"

namespace llmdyno {

class InFlightRequest;

// What an in-flight request tells the loop.
class InFlightListener {
 public:
  virtual ~InFlightListener() = default;
  // `tokens` more output tokens than known before; negative when a count is put right.
  virtual void OnTokens(int64_t tokens, TimePoint at) = 0;
  virtual void OnRequestEnded(InFlightRequest& request) = 0;
};

// Objects are used again: steady streaming allocates nothing. Not thread-safe.
class InFlightRequest final : public TransferObserver, private StreamEventSink {
 public:
  InFlightRequest(InFlightListener& listener, OutputCalibration& calibration, VectorDimension& dimension,
                  const Redactor& redactor);

  // It needs one before anything arrives.
  bool has_decoder() const { return decoder_ != nullptr; }
  void GiveDecoder(std::unique_ptr<ResponseDecoder> decoder) { decoder_ = std::move(decoder); }

  // Begins a fresh record for this request; the caller fills in who sends it and when.
  RequestRecord& Begin(const Request& request, bool streamed, bool keep_texts);
  // Begins another attempt at the same request, whose latencies go on from the first.
  void BeginAgain();
  // Where it is encoded, unless the shard has one place for all.
  HttpRequest& encoding() { return http_; }

  RequestRecord& record() { return record_; }
  const RequestRecord& record() const { return record_; }
  // Output tokens that the loop has been told of.
  int64_t announced_tokens() const { return announced_tokens_; }

  // Its way through the shards.
  InFlightRequest* next = nullptr;  // of those handed over together
  TimePoint due;                    // when it is to be sent
  size_t shard = 0;
  size_t slot = 0;  // among those that the shard has under way
  bool was_sent = false;

  void OnResponseHead(const ResponseHead& head, const ArrivalStamp& stamp) override;
  void OnBytes(std::string_view bytes, const ArrivalStamp& stamp) override;
  void OnEnd(const TransferResult& result) override;

 private:
  void OnEvent(const StreamEvent& event) override;
  void OnDone() override;
  void OnProviderError(std::string_view message) override;
  void OnMalformed(std::string_view what) override;

  void ForgetResponse();
  void TakeUsage(const UsageReport& usage);
  void FlushArrival();
  void Announce(int64_t tokens, TimePoint at);
  Outcome JudgeOutcome(const TransferResult& result) const;
  Outcome JudgeBody() const;
  Outcome JudgeItems() const;
  void SettleTokenCounts();

  std::unique_ptr<ResponseDecoder> decoder_;
  InFlightListener& listener_;
  OutputCalibration& calibration_;
  VectorDimension& dimension_;
  const Redactor& redactor_;

  // What every token touches stands side by side: with thousands of streams each cache line counts.
  ArrivalStamp stamp_;  // of the bytes that are being decoded
  Arrival pending_;     // events of the read that is being handed over, perhaps in several pieces
  bool pending_open_ = false;
  bool decoding_ = false;  // a 2xx body
  bool keep_texts_ = false;
  bool done_ = false;
  int64_t received_bytes_ = 0;
  int64_t text_bytes_ = 0;
  int64_t announced_tokens_ = 0;
  RequestRecord record_;

  HttpRequest http_;
  ResponseHead head_;
  std::optional<int64_t> expected_items_;  // vectors or scores; absent when text is generated
  std::optional<int64_t> reported_prompt_tokens_;
  std::optional<int64_t> reported_completion_tokens_;
  std::string error_body_;  // of a response that is not 2xx
  std::string provider_error_;
  bool has_provider_error_ = false;
  std::string malformed_;
  bool is_malformed_ = false;
};

}  // namespace llmdyno
