#include "llmdyno/base/machine.h"

#include "support/catch.h"

namespace llmdyno {

TEST_CASE("A machine describes itself in one line, unknown things as unknown", "[base][machine]") {
  CHECK(ToString(Machine{2, "Some CPU", "Linux 6.1 x86_64", "performance", 7}) ==
        "2 cores, Some CPU, Linux 6.1 x86_64, governor performance");
  CHECK(ToString(Machine{}) == "unknown number of cores, CPU unknown, kernel unknown, governor unknown");
}

TEST_CASE("The machine of this test has a core and a kernel, and is itself", "[base][machine]") {
  const Machine here = ReadMachine();
  CHECK(here.cores >= 1);
  CHECK(here.kernel.starts_with("Linux "));
  CHECK(MachineDifferences(here, ReadMachine()).empty());
}

TEST_CASE("Each difference between two machines is named, what is unknown is none", "[base][machine]") {
  const Machine there{8, "CPU A", "Linux 6.1 x86_64", "", 1};
  CHECK(MachineDifferences(there, Machine{}).empty());
  CHECK(MachineDifferences(there, {8, "CPU A", "Linux 6.1 x86_64", "powersave", 1}).empty());
  CHECK(MachineDifferences(there, {4, "CPU B", "Linux 6.2 x86_64", "powersave", 2}) ==
        std::vector<std::string>{"it is of a host of another name", "its CPU was CPU A and here it is CPU B",
                                 "its number of cores was 8 and here it is 4",
                                 "its kernel was Linux 6.1 x86_64 and here it is Linux 6.2 x86_64"});
}

}  // namespace llmdyno
