// How the library speaks when a return value is not the place: a callback. The library never prints; an app
// decides where notes and warnings go.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace llmdyno {

enum class Severity { kNote, kWarning };

// Called on the thread that noticed; must not block. A default-constructed one swallows everything.
class Diagnostics {
 public:
  using Callback = std::function<void(Severity, std::string_view)>;
  Diagnostics() = default;
  explicit Diagnostics(Callback callback) : callback_(std::move(callback)) {}
  void Note(std::string_view text) const {
    if (callback_) callback_(Severity::kNote, text);
  }
  void Warn(std::string_view text) const {
    if (callback_) callback_(Severity::kWarning, text);
  }

 private:
  Callback callback_;
};

}  // namespace llmdyno
