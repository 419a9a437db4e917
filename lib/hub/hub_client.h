// Asks the dataset server, and asks again when it is busy.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/core/outcome.h"
#include "llmdyno/hub/hub_dataset.h"
#include "llmdyno/net/transport.h"

namespace llmdyno {

// The last of the answers to one question.
struct HubReply {
  int status = 0;  // 0: there was no answer
  std::string body;
  Outcome outcome;
  std::optional<Duration> retry_after;

  bool ok() const { return status == 200 && outcome.ok(); }
};

// Used by one thread; all that it is given must outlive it.
class HubClient {
 public:
  HubClient(const HubSettings& settings, Transport& transport, const Clock& clock,
            const Diagnostics& diagnostics)
      : settings_(settings), transport_(transport), clock_(clock), diagnostics_(diagnostics) {}

  HubReply Get(const std::string& url);
  // All at once, without the token: for what others than the server keep.
  std::vector<HubReply> GetAll(std::span<const std::string> urls);

  // What a failed reply says, on one line: "HTTP 503 (the server is busy)", "connection refused".
  std::string Describe(const HubReply& reply) const;
  // What the server calls the error; empty when it says nothing that people could read.
  std::string ErrorText(const HubReply& reply) const;

 private:
  std::vector<HubReply> GetAll(std::span<const std::string> urls, const Secret& token);
  void GetOnce(std::span<const std::string> urls, const Secret& token, std::span<const size_t> which,
               std::vector<HubReply>& replies);
  void Wait(Duration duration);

  const HubSettings& settings_;
  Transport& transport_;
  const Clock& clock_;
  const Diagnostics& diagnostics_;
};

// "a%20b%2Fc": a value of a query.
std::string EncodeForUrl(std::string_view text);

}  // namespace llmdyno
