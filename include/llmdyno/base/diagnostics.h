// How the library speaks when a return value is not the place: a callback. The library never prints; an app
// decides where notes and warnings go. Run loops, loaders and transports are handed one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace llmdyno {

// A note is worth knowing; a warning may change what a result means.
enum class Severity { kNote, kWarning };

// Called on the thread that noticed; must not block. A default-constructed one swallows everything.
class Diagnostics {
 public:
  // Receives a sentence without a newline; the text is valid during the call only.
  using Callback = std::function<void(Severity, std::string_view)>;
  Diagnostics() = default;
  // Needs a callback that several threads may call where several may notice something.
  explicit Diagnostics(Callback callback) : callback_(std::move(callback)) {}
  // Passes on what is worth knowing.
  void Note(std::string_view text) const {
    if (callback_) callback_(Severity::kNote, text);
  }
  // Passes on what may change what a result means.
  void Warn(std::string_view text) const {
    if (callback_) callback_(Severity::kWarning, text);
  }

 private:
  Callback callback_;
};

}  // namespace llmdyno
