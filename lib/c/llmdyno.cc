#include "llmdyno/c/llmdyno.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "c/progress_json.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/run_spec_json.h"
#include "llmdyno/measure/measurement.h"
#include "llmdyno/measure/result_json.h"

struct llmdyno_run {
  llmdyno::RunControl control;
  std::unique_ptr<llmdyno::Measurement> measurement;
  absl::Status failure;  // of a step that met an exception
  bool is_over = false;

  mutable std::mutex mutex;  // guards what follows
  llmdyno::MeasurementProgress progress;
  bool progress_is_last = false;
};

namespace llmdyno {
namespace {

constexpr Duration kCallbackInterval = std::chrono::seconds(1);
// How often others are told of a step that waits without an end.
constexpr Duration kLongestStep = std::chrono::milliseconds(200);

// Null when out of memory.
char* Copy(std::string_view text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

llmdyno_status StatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return LLMDYNO_OK;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return LLMDYNO_INVALID;
    case absl::StatusCode::kNotFound:
      return LLMDYNO_NOT_FOUND;
    case absl::StatusCode::kUnavailable:
      return LLMDYNO_UNAVAILABLE;
    case absl::StatusCode::kResourceExhausted:
      return LLMDYNO_OUT_OF_MEMORY;
    default:
      return LLMDYNO_INTERNAL;
  }
}

llmdyno_status Fail(llmdyno_status status, std::string_view sentence, char** error) {
  if (error != nullptr) *error = Copy(sentence);
  return status;
}

// Every function that can meet an exception runs its work in here: none crosses into C. `action` returns an
// absl::Status.
template <typename Action>
llmdyno_status Guarded(char** error, Action action) {
  if (error != nullptr) *error = nullptr;
  try {
    const absl::Status status = action();
    if (status.ok()) return LLMDYNO_OK;
    return Fail(StatusOf(status), std::string_view(status.message().data(), status.message().size()), error);
  } catch (const std::bad_alloc&) {
    return Fail(LLMDYNO_OUT_OF_MEMORY, "out of memory", error);
  } catch (const std::exception& exception) {
    return Fail(LLMDYNO_INTERNAL, exception.what(), error);
  } catch (...) {
    return Fail(LLMDYNO_INTERNAL, "an exception that is no std::exception", error);
  }
}

absl::Status Missing(const char* what) { return absl::InvalidArgumentError(std::string(what) + " is NULL"); }

absl::Status Give(const std::string& text, char** out) {
  *out = Copy(text);
  return *out != nullptr ? absl::OkStatus() : absl::ResourceExhaustedError("out of memory");
}

TimePoint After(TimePoint now, Duration wait) { return wait < kEndOfTime - now ? now + wait : kEndOfTime; }

Duration Milliseconds(int64_t count) {
  constexpr int64_t kMost = Duration::max().count() / 1'000'000;
  return std::chrono::milliseconds(std::min(count, kMost));
}

absl::Status Begin(const char* spec_json, llmdyno_run& run) {
  if (spec_json == nullptr) return Missing("spec_json");
  LLMDYNO_ASSIGN_OR_RETURN(RunSpec spec, ParseRunSpec(spec_json));
  MeasurementOptions options;
  options.control = &run.control;
  LLMDYNO_ASSIGN_OR_RETURN(run.measurement, Measurement::Begin(std::move(spec), std::move(options)));
  run.progress = run.measurement->Progress();
  return absl::OkStatus();
}

void NoteProgress(llmdyno_run& run) {
  const MeasurementProgress progress = run.measurement->Progress();
  const std::lock_guard lock(run.mutex);
  run.progress = progress;
  run.progress_is_last = run.is_over;
}

// What a run knows is told after each step; a long one is made of several.
bool Step(llmdyno_run& run, TimePoint deadline) {
  const Clock& clock = run.measurement->clock();
  while (!run.is_over) {
    const TimePoint until = std::min(deadline, After(clock.Now(), kLongestStep));
    run.is_over = !run.measurement->Step(until);
    NoteProgress(run);
    // It returned early when something happened; that is what the caller waits for.
    if (clock.Now() < until || until == deadline) break;
  }
  return !run.is_over;
}

std::string ProgressOf(const llmdyno_run& run) {
  const std::lock_guard lock(run.mutex);
  return ToJson(run.progress, run.progress_is_last);
}

absl::Status Finish(llmdyno_run& run, char** result_json) {
  LLMDYNO_RETURN_IF_ERROR(run.failure);
  LLMDYNO_ASSIGN_OR_RETURN(const MeasurementResult result, run.measurement->Finish());
  run.is_over = true;
  NoteProgress(run);
  return Give(ToJson(result), result_json);
}

absl::Status MeasureAll(const char* spec_json, llmdyno_progress_callback callback, void* user_data,
                        char** result_json) {
  llmdyno_run run;
  LLMDYNO_RETURN_IF_ERROR(Begin(spec_json, run));
  const Clock& clock = run.measurement->clock();
  TimePoint next = clock.Now() + kCallbackInterval;
  while (Step(run, callback != nullptr ? next : kEndOfTime)) {
    if (callback == nullptr || clock.Now() < next) continue;
    next = clock.Now() + kCallbackInterval;
    if (callback(ProgressOf(run).c_str(), user_data) != 0) run.control.Abort();
  }
  return Finish(run, result_json);
}

}  // namespace
}  // namespace llmdyno

const char* llmdyno_version(void) { return LLMDYNO_VERSION; }

llmdyno_status llmdyno_run_begin(const char* spec_json, llmdyno_run** run, char** error) {
  return llmdyno::Guarded(error, [&] {
    if (run == nullptr) return llmdyno::Missing("run");
    *run = nullptr;
    auto begun = std::make_unique<llmdyno_run>();
    const absl::Status status = llmdyno::Begin(spec_json, *begun);
    if (status.ok()) *run = begun.release();
    return status;
  });
}

int llmdyno_run_step(llmdyno_run* run, int64_t timeout_ms) {
  if (run == nullptr) return 0;
  bool goes_on = false;
  char* error = nullptr;
  const llmdyno_status status = llmdyno::Guarded(&error, [&] {
    const llmdyno::TimePoint now = run->measurement->clock().Now();
    goes_on = llmdyno::Step(
        *run, timeout_ms < 0 ? llmdyno::kEndOfTime : llmdyno::After(now, llmdyno::Milliseconds(timeout_ms)));
    return absl::OkStatus();
  });
  if (status == LLMDYNO_OK) return goes_on ? 1 : 0;
  // llmdyno_run_finish tells.
  run->is_over = true;
  (void)llmdyno::Guarded(nullptr, [&] {
    const std::string sentence = error != nullptr ? error : "out of memory";
    run->failure = status == LLMDYNO_OUT_OF_MEMORY ? absl::ResourceExhaustedError(sentence)
                                                   : absl::InternalError(sentence);
    return absl::OkStatus();
  });
  std::free(error);
  return 0;
}

void llmdyno_run_cancel(llmdyno_run* run) {
  if (run != nullptr) run->control.Abort();
}

char* llmdyno_run_progress(const llmdyno_run* run) {
  char* text = nullptr;
  (void)llmdyno::Guarded(nullptr, [&] {
    return run == nullptr ? llmdyno::Missing("run") : llmdyno::Give(llmdyno::ProgressOf(*run), &text);
  });
  return text;
}

llmdyno_status llmdyno_run_finish(llmdyno_run* run, char** result_json, char** error) {
  return llmdyno::Guarded(error, [&] {
    if (result_json == nullptr) return llmdyno::Missing("result_json");
    *result_json = nullptr;
    if (run == nullptr) return llmdyno::Missing("run");
    return llmdyno::Finish(*run, result_json);
  });
}

void llmdyno_run_free(llmdyno_run* run) {
  (void)llmdyno::Guarded(nullptr, [&] {
    delete run;
    return absl::OkStatus();
  });
}

llmdyno_status llmdyno_measure(const char* spec_json, llmdyno_progress_callback callback, void* user_data,
                               char** result_json, char** error) {
  return llmdyno::Guarded(error, [&] {
    if (result_json == nullptr) return llmdyno::Missing("result_json");
    *result_json = nullptr;
    return llmdyno::MeasureAll(spec_json, callback, user_data, result_json);
  });
}

void llmdyno_free_string(char* text) { std::free(text); }
