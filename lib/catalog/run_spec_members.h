// The members of a run spec's JSON text, one row each: how it is read and how it is written.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "catalog/json_value.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

// Which loop a member belongs to.
enum class LoopKind { kAny, kClosed, kOpen };

struct RunSpecMember {
  std::string group;  // "endpoint"; empty: it stands outside of any
  std::string name;
  LoopKind loop = LoopKind::kAny;
  // Errors do not name the member yet. spec.load holds the right loop.
  std::function<absl::Status(const Json& value, RunSpec& spec)> read;
  // Nothing where the member is not written: secrets, and what says in another way what a neighbour says.
  std::function<std::optional<Json>(const RunSpec& spec)> write;

  std::string path() const { return group.empty() ? name : group + "." + name; }
};

// In the order in which they are written, and read: a row may rely on those above.
std::span<const RunSpecMember> RunSpecMemberTable();

}  // namespace llmdyno
