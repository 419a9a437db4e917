#include "llmdyno/sim/sim_stats.h"

#include <nlohmann/json.hpp>

namespace llmdyno {

std::string ToJson(const SimStats& stats) {
  nlohmann::ordered_json faults = nlohmann::ordered_json::object();
  for (size_t i = 0; i < kFaultCount; ++i)
    faults[std::string(ToString(static_cast<Fault>(i)))] = stats.faults[i];
  const nlohmann::ordered_json json = {
      {"requests", stats.requests},
      {"generations", stats.generations},
      {"in_flight", stats.in_flight},
      {"max_in_flight", stats.max_in_flight},
      {"connections", stats.connections},
      {"connections_accepted", stats.connections_accepted},
      {"prompt_tokens", stats.prompt_tokens},
      {"tokens_sent", stats.tokens_sent},
      {"disconnects", stats.disconnects},
      {"refused_overloaded", stats.refused_overloaded},
      {"images", stats.images},
      {"faults", std::move(faults)},
      {"cpu_seconds", stats.cpu_seconds},
  };
  return json.dump();
}

}  // namespace llmdyno
