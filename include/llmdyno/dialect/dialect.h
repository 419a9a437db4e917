// How a request is spelled for an endpoint, and how its answer is read. An extension point. The run loop
// encodes with a Dialect and feeds what arrives to one decoder per response.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/core/http.h"
#include "llmdyno/core/request.h"
#include "llmdyno/dialect/stream_event.h"

namespace llmdyno {

// Turns the bytes of a response into events. One decoder reads one response at a time and is reused for the
// next: steady streaming allocates nothing. Not thread-safe.
class ResponseDecoder {
 public:
  virtual ~ResponseDecoder() = default;
  // A new response with a 2xx status begins. `content_type` is lower case and without parameters; an SSE body
  // and a JSON body are told apart by it, and by the first bytes when it is missing or wrong.
  virtual void Begin(std::string_view content_type) = 0;
  // Any chunking of the same body gives the same events. Malformed input is an event, never undefined
  // behaviour.
  virtual void Decode(std::string_view bytes, StreamEventSink& sink) = 0;
  // The body has ended; reports what was still held back.
  virtual void End(StreamEventSink& sink) = 0;
  // A decoder for another response of the same endpoint, for use on the same thread: siblings may share
  // scratch memory and what they have learnt of the endpoint's spelling. A decoder must not be used from
  // inside another's sink.
  virtual std::unique_ptr<ResponseDecoder> NewSibling() = 0;
};

// One API's spelling. Stateless and thread-safe.
class Dialect {
 public:
  virtual ~Dialect() = default;
  // For messages and files: "openai-chat".
  virtual std::string_view name() const = 0;
  // Writes the request into `http`, replacing what was there but keeping its memory. InvalidArgument when
  // this dialect cannot carry the body.
  virtual absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const = 0;
  // A decoder that shares nothing with others, for a thread of its own; see NewSibling.
  virtual std::unique_ptr<ResponseDecoder> NewDecoder() const = 0;
  // True when responses come as streams, so that arrivals of single tokens can be seen.
  virtual bool streams() const = 0;
};

}  // namespace llmdyno
