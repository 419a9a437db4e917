#include <string>
#include <utility>

#include "catalog/guarded_products.h"

namespace llmdyno {
namespace {

class GuardedSink final : public RecordSink {
 public:
  GuardedSink(std::unique_ptr<RecordSink> sink, PluginHold plugin)
      : guard_(std::move(plugin)), sink_(std::move(sink)) {}

  void OnRecord(const RequestRecord& record) override {
    guard_.Call("RecordSink::OnRecord", [&] { sink_->OnRecord(record); });
  }
  void OnFinishLine(TimePoint line, std::string_view reason) override {
    guard_.Call("RecordSink::OnFinishLine", [&] { sink_->OnFinishLine(line, reason); });
  }
  absl::Status Close() override {
    absl::Status status;
    if (!guard_.Call("RecordSink::Close", [&] { status = sink_->Close(); })) return guard_.status();
    return status;
  }

 private:
  PluginGuard guard_;
  const std::unique_ptr<RecordSink> sink_;
};

class GuardedWriter final : public ReportWriter {
 public:
  GuardedWriter(std::unique_ptr<ReportWriter> writer, PluginHold plugin)
      : plugin_(std::move(plugin)), writer_(std::move(writer)) {}

  absl::StatusOr<std::vector<ResultText>> Write(const ResultDocument& document) const override {
    PluginGuard guard(plugin_);  // a writer is used by any thread
    absl::StatusOr<std::vector<ResultText>> texts = absl::InternalError("nothing was written");
    if (!guard.Call("ReportWriter::Write", [&] { texts = writer_->Write(document); })) return guard.status();
    return texts;
  }

 private:
  const PluginHold plugin_;
  const std::unique_ptr<ReportWriter> writer_;
};

}  // namespace

std::unique_ptr<RecordSink> Guarded(std::unique_ptr<RecordSink> made, PluginHold plugin) {
  return std::make_unique<GuardedSink>(std::move(made), std::move(plugin));
}

std::unique_ptr<ReportWriter> Guarded(std::unique_ptr<ReportWriter> made, PluginHold plugin) {
  return std::make_unique<GuardedWriter>(std::move(made), std::move(plugin));
}

}  // namespace llmdyno
