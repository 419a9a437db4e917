#include "llmdyno/base/machine.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

namespace llmdyno {
namespace {

// FNV-1a, 64 bits.
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Of x86 and several others; ARM names its cores by numbers only.
std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const size_t text = line.find_first_not_of(": \t", line.find(':'));
    if (text != std::string::npos) return line.substr(text);
  }
  return "";
}

void AddDifference(const std::string& what, const std::string& there, const std::string& here,
                   std::vector<std::string>& differences) {
  if (there.empty() || here.empty() || there == here) return;
  differences.push_back("its " + what + " was " + there + " and here it is " + here);
}

std::string CountText(int64_t cores) { return cores == 0 ? "" : std::to_string(cores); }

}  // namespace

Machine ReadMachine() {
  Machine machine;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) machine.cores = CPU_COUNT(&set);
  machine.cpu_model = CpuModel();
  utsname system{};
  if (::uname(&system) == 0) {
    machine.kernel = std::string(system.sysname) + " " + system.release + " " + system.machine;
    const std::string_view host = system.nodename;
    if (!host.empty()) machine.host_hash = HashOf(host);
  }
  machine.governor = FirstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  return machine;
}

std::string ToString(const Machine& machine) {
  const auto or_unknown = [](const std::string& text, const char* unknown) {
    return text.empty() ? std::string(unknown) : text;
  };
  return or_unknown(CountText(machine.cores), "unknown number of") +
         (machine.cores == 1 ? " core, " : " cores, ") + or_unknown(machine.cpu_model, "CPU unknown") + ", " +
         or_unknown(machine.kernel, "kernel unknown") + ", governor " +
         or_unknown(machine.governor, "unknown");
}

std::vector<std::string> MachineDifferences(const Machine& there, const Machine& here) {
  std::vector<std::string> differences;
  if (there.host_hash != 0 && here.host_hash != 0 && there.host_hash != here.host_hash) {
    differences.emplace_back("it is of a host of another name");
  }
  AddDifference("CPU", there.cpu_model, here.cpu_model, differences);
  AddDifference("number of cores", CountText(there.cores), CountText(here.cores), differences);
  AddDifference("kernel", there.kernel, here.kernel, differences);
  AddDifference("frequency governor", there.governor, here.governor, differences);
  return differences;
}

}  // namespace llmdyno
