#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "catalog/guarded_products.h"

namespace llmdyno {
namespace {

// Reads one response after the other; inert once it was at fault, which the request's record shows as an
// answer that was not understood.
class GuardedDecoder final : public ResponseDecoder {
 public:
  // Null: there is no decoder, and this one is inert from the start.
  GuardedDecoder(std::unique_ptr<ResponseDecoder> decoder, PluginHold plugin)
      : plugin_(plugin), guard_(std::move(plugin)), decoder_(std::move(decoder)) {}

  void Begin(std::string_view content_type) override {
    if (decoder_ == nullptr) return;
    guard_.Call("ResponseDecoder::Begin", [&] { decoder_->Begin(content_type); });
  }
  void Decode(std::string_view bytes, StreamEventSink& sink) override {
    if (decoder_ == nullptr) return;
    guard_.Call("ResponseDecoder::Decode", [&] { decoder_->Decode(bytes, sink); });
  }
  void End(StreamEventSink& sink) override {
    if (decoder_ == nullptr) return;
    guard_.Call("ResponseDecoder::End", [&] { decoder_->End(sink); });
  }
  std::unique_ptr<ResponseDecoder> NewSibling() override {
    constexpr const char* kFunction = "ResponseDecoder::NewSibling";
    std::unique_ptr<ResponseDecoder> sibling;
    if (decoder_ != nullptr) guard_.Call(kFunction, [&] { sibling = decoder_->NewSibling(); });
    if (sibling == nullptr && decoder_ != nullptr && !guard_.is_broken()) {
      guard_.Fault(kFunction, "gave nothing: expected a decoder");
    }
    return std::make_unique<GuardedDecoder>(std::move(sibling), plugin_);
  }

 private:
  const PluginHold plugin_;
  PluginGuard guard_;
  const std::unique_ptr<ResponseDecoder> decoder_;
};

class GuardedDialect final : public Dialect {
 public:
  GuardedDialect(std::shared_ptr<const Dialect> dialect, PluginHold plugin)
      : plugin_(std::move(plugin)), dialect_(std::move(dialect)) {
    PluginGuard guard(plugin_);
    guard.Call("Dialect::name", [&] { name_ = dialect_->name(); });
    guard.Call("Dialect::streams", [&] { streams_ = dialect_->streams(); });
  }

  std::string_view name() const override { return name_; }
  bool streams() const override { return streams_; }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    std::unique_ptr<PluginGuard> guard = Take();
    absl::Status status;
    if (!guard->Call("Dialect::Encode", [&] { status = dialect_->Encode(request, endpoint, http); })) {
      return guard->status();
    }
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(guard));
    return status;
  }

  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    constexpr const char* kFunction = "Dialect::NewDecoder";
    PluginGuard guard(plugin_);
    std::unique_ptr<ResponseDecoder> decoder;
    guard.Call(kFunction, [&] { decoder = dialect_->NewDecoder(); });
    if (decoder == nullptr && !guard.is_broken()) guard.Fault(kFunction, "gave nothing: expected a decoder");
    return std::make_unique<GuardedDecoder>(std::move(decoder), plugin_);
  }

 private:
  // A dialect is used by several threads at once, a guard by one.
  std::unique_ptr<PluginGuard> Take() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<PluginGuard> guard = std::move(idle_.back());
        idle_.pop_back();
        return guard;
      }
    }
    return std::make_unique<PluginGuard>(plugin_);
  }

  const PluginHold plugin_;
  const std::shared_ptr<const Dialect> dialect_;
  std::string name_;
  bool streams_ = true;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<PluginGuard>> idle_;
};

}  // namespace

std::shared_ptr<const Dialect> Guarded(std::shared_ptr<const Dialect> made, PluginHold plugin) {
  return std::make_shared<GuardedDialect>(std::move(made), std::move(plugin));
}

}  // namespace llmdyno
