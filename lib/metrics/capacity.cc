#include "llmdyno/metrics/capacity.h"

namespace llmdyno {

std::string_view ToString(CapacityTrial::Purpose purpose) {
  switch (purpose) {
    case CapacityTrial::Purpose::kBracket:
      return "bracket";
    case CapacityTrial::Purpose::kBisect:
      return "bisect";
    case CapacityTrial::Purpose::kConfirm:
      return "confirm";
  }
  return "unknown";
}

std::string_view ToString(CapacityAnswer::Kind kind) {
  switch (kind) {
    case CapacityAnswer::Kind::kConverged:
      return "converged";
    case CapacityAnswer::Kind::kNotReached:
      return "not_reached";
    case CapacityAnswer::Kind::kCannotServe:
      return "cannot_serve";
    case CapacityAnswer::Kind::kOutOfTrials:
      return "out_of_trials";
  }
  return "unknown";
}

}  // namespace llmdyno
