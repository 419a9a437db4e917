#include "llmdyno/catalog/run_spec_json.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "catalog/run_spec_members.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

// A level of an open loop goes on through failures; only an endpoint that takes none of the first requests
// ends it.
constexpr int64_t kRefusalsAtStart = 10;
// Buffers are as small as they get from here on.
constexpr int64_t kMostExpected = 1000;

absl::Status Bad(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

// What is nested deeper would be written by a recursion that deep.
absl::StatusOr<Json> ParseJson(std::string_view text) {
  constexpr int kDeepest = 64;
  bool is_too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t /*event*/, Json& /*value*/) {
    is_too_deep = is_too_deep || depth > kDeepest;
    return !is_too_deep;
  };
  try {
    Json json = Json::parse(text, watch);
    if (is_too_deep) return Bad("the run spec is nested more than " + std::to_string(kDeepest) + " deep");
    return json;
  } catch (const Json::parse_error& error) {
    return Bad("the run spec is no JSON text: what is wrong stands at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    return Bad("a number of the run spec is beyond what a double can hold");
  }
}

const Json* FindMember(const Json& json, const RunSpecMember& member) {
  const Json* where = &json;
  if (!member.group.empty()) {
    const auto group = json.find(member.group);
    if (group == json.end()) return nullptr;
    where = &*group;
  }
  const auto found = where->find(member.name);
  return found == where->end() ? nullptr : &*found;
}

absl::Status Unknown(const std::string& where, const std::string& name,
                     const std::vector<std::string>& known) {
  std::string text = "unknown member '" + (where.empty() ? name : where + "." + name) + "'";
  if (const auto nearest = FindNearestName(name, known))
    return Bad(text + "; did you mean '" + *nearest + "'?");
  text += "; known are";
  for (const std::string& each : known) text += (&each == &known.front() ? " " : ", ") + each;
  return Bad(text);
}

absl::Status CheckNames(const Json& json, const std::string& group) {
  std::vector<std::string> known;
  for (const RunSpecMember& member : RunSpecMemberTable()) {
    if (member.group == group) known.push_back(member.name);
    const bool is_new = std::find(known.begin(), known.end(), member.group) == known.end();
    if (group.empty() && !member.group.empty() && is_new) known.push_back(member.group);
  }
  for (const auto& [name, value] : json.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return Unknown(group, name, known);
  }
  return absl::OkStatus();
}

absl::Status CheckShape(const Json& json) {
  if (!json.is_object()) return Bad("expected a JSON object, got " + Quoted(json));
  LLMDYNO_RETURN_IF_ERROR(CheckNames(json, ""));
  std::set<std::string> groups;
  for (const RunSpecMember& member : RunSpecMemberTable()) groups.insert(member.group);
  for (const std::string& group : groups) {
    const auto found = json.find(group);
    if (group.empty() || found == json.end()) continue;
    // What stands there may be a key that was put in the wrong place: it is not quoted.
    if (!found->is_object()) return Bad(group + ": expected an object with members");
    LLMDYNO_RETURN_IF_ERROR(CheckNames(*found, group));
  }
  return absl::OkStatus();
}

// What the members of `load` make: a closed loop unless something speaks of arrivals.
absl::StatusOr<LoopKind> LoopOf(const Json& json) {
  std::string closed, open;
  for (const RunSpecMember& member : RunSpecMemberTable()) {
    if (member.loop == LoopKind::kAny || FindMember(json, member) == nullptr) continue;
    std::string& first = member.loop == LoopKind::kClosed ? closed : open;
    if (first.empty()) first = member.name;
  }
  if (!closed.empty() && !open.empty()) {
    return Bad("load: '" + closed + "' is of a closed loop (users) and '" + open +
               "' of an open one (rate, arrivals): give one of the two");
  }
  if (open.empty()) return LoopKind::kClosed;
  if (!json["load"].contains("rate") && !json["load"].contains("arrivals")) {
    return Bad("load: '" + open + "' is of an open loop: give its rate in requests per second");
  }
  return LoopKind::kOpen;
}

absl::Status ReadMembers(const Json& json, LoopKind loop, RunSpec& spec) {
  for (const RunSpecMember& member : RunSpecMemberTable()) {
    const Json* value = FindMember(json, member);
    if (value == nullptr || (member.loop != LoopKind::kAny && member.loop != loop)) continue;
    const absl::Status status = member.read(*value, spec);
    if (!status.ok()) return Bad(member.path() + ": " + std::string(status.message()));
  }
  return absl::OkStatus();
}

bool IsGiven(const Json& json, const char* group, const char* name) {
  const auto found = json.find(group);
  return found != json.end() && found->contains(name);
}

absl::Status CheckTogether(const Json& json, LoopKind loop, const RunSpec& spec) {
  for (const char* name : {"url", "model"}) {
    if (!IsGiven(json, "endpoint", name)) {
      return Bad(std::string("endpoint.") + name + " is missing: which " +
                 (name == std::string("url") ? "address" : "model") + " is to be put under load?");
    }
  }
  if (IsGiven(json, "endpoint", "api_key") && IsGiven(json, "endpoint", "api_key_env")) {
    return Bad("endpoint: api_key and api_key_env exclude each other: there is one key");
  }
  if (loop == LoopKind::kOpen) {
    const bool is_trace = std::get<OpenLoopConfig>(spec.load).arrivals.starts_with("trace");
    const bool has_requests = IsGiven(json, "load", "requests"), has_time = IsGiven(json, "load", "duration");
    if (has_requests && has_time) return Bad("load: requests and duration exclude each other");
    if (!has_requests && !has_time && !is_trace) {
      return Bad("load: an open loop needs an end: give requests or duration");
    }
    return absl::OkStatus();
  }
  const bool has_end = spec.stop.output_tokens || spec.stop.requests || spec.stop.duration ||
                       spec.stop.max_duration || spec.workload.request.max_requests;
  if (!has_end) return Bad("stop: a closed loop needs an end: give output_tokens, requests or duration");
  return absl::OkStatus();
}

// Of an open loop: every request counts by how it ends, and nothing is cut off but by its own timeouts.
void SetOpenLoopDefaults(RunSpec& spec) {
  spec.load = OpenLoopConfig();
  spec.stop.consecutive_failures.reset();
  spec.stop.consecutive_failures_at_start.reset();
  spec.stop.refusals_at_start = kRefusalsAtStart;
  spec.drain_timeout = Duration::zero();
}

// What follows from other members unless it is given.
void FillIn(const Json& json, RunSpec& spec) {
  const auto* open = std::get_if<OpenLoopConfig>(&spec.load);
  const bool is_trace = open != nullptr && open->arrivals.starts_with("trace");
  if (open != nullptr && !is_trace && !IsGiven(json, "stop", "requests")) {
    spec.stop.requests = open->schedule.requests;
  }
  if (IsGiven(json, "transport", "expected_concurrency")) return;
  const int64_t expected = open != nullptr ? open->max_in_flight.value_or(open->schedule.requests)
                                           : std::get<ClosedLoopConfig>(spec.load).users;
  spec.transport.expected_concurrency = static_cast<int>(std::clamp<int64_t>(expected, 1, kMostExpected));
}

}  // namespace

absl::StatusOr<RunSpec> ParseRunSpec(std::string_view text) {
  LLMDYNO_ASSIGN_OR_RETURN(const Json json, ParseJson(text));
  LLMDYNO_RETURN_IF_ERROR(CheckShape(json));
  LLMDYNO_ASSIGN_OR_RETURN(const LoopKind loop, LoopOf(json));
  RunSpec spec;
  spec.workload.name = "synthetic";
  if (loop == LoopKind::kOpen) SetOpenLoopDefaults(spec);
  LLMDYNO_RETURN_IF_ERROR(ReadMembers(json, loop, spec));
  LLMDYNO_RETURN_IF_ERROR(CheckTogether(json, loop, spec));
  FillIn(json, spec);
  LLMDYNO_RETURN_IF_ERROR(spec.Validate());
  return spec;
}

std::string ToJson(const RunSpec& spec) {
  const LoopKind loop =
      std::holds_alternative<OpenLoopConfig>(spec.load) ? LoopKind::kOpen : LoopKind::kClosed;
  Json json = Json::object();
  for (const RunSpecMember& member : RunSpecMemberTable()) {
    if (member.loop != LoopKind::kAny && member.loop != loop) continue;
    std::optional<Json> value = member.write(spec);
    if (!value) continue;
    (member.group.empty() ? json : json[member.group])[member.name] = *std::move(value);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> RunSpecMembers() {
  std::vector<std::string> paths;
  for (const RunSpecMember& member : RunSpecMemberTable()) paths.push_back(member.path());
  return paths;
}

}  // namespace llmdyno
