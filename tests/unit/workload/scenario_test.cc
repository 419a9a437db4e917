#include "llmdyno/workload/scenario.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;
using Pairs = std::vector<std::pair<int64_t, int64_t>>;

Scenario Parsed(std::string_view text) {
  auto scenario = Scenario::Parse(text);
  INFO(text);
  REQUIRE(scenario.ok());
  return *std::move(scenario);
}

std::string ErrorOf(std::string_view text) { return std::string(Scenario::Parse(text).status().message()); }

// Input and output tokens of what is drawn first.
Pairs DrawPairs(std::string_view text, size_t count, uint64_t seed) {
  const Scenario scenario = Parsed(text);
  Rng rng(seed);
  Pairs pairs;
  while (pairs.size() < count) {
    const RequestShape shape = scenario.Sample(rng);
    pairs.emplace_back(shape.input_tokens.value(), shape.output_tokens.value());
  }
  return pairs;
}

constexpr size_t kDraws = 100'000;

TEST_CASE("D draws the same lengths each time and uses no chance", "[workload][scenario]") {
  const Scenario scenario = Parsed("D(100,50)");
  Rng rng(1);
  for (int i = 0; i < 3; ++i) {
    CHECK(scenario.Sample(rng) == RequestShape{.input_tokens = 100, .output_tokens = 50});
  }
  CHECK(rng.Next() == Rng(1).Next());
}

TEST_CASE("I, E and R say nothing about what they have not", "[workload][scenario]") {
  Rng rng(1);
  const ImageShape one{.width_px = 512, .height_px = 256, .count = 1};
  CHECK(Parsed("I(512,256)").Sample(rng) == RequestShape{.images = one});
  const ImageShape two{.width_px = 64, .height_px = 32, .count = 2};
  CHECK(Parsed("I(64,32,2)").Sample(rng) == RequestShape{.images = two});
  CHECK(Parsed("E(128)").Sample(rng) == RequestShape{.embedding_tokens = 128});
  const RerankShape rerank{.document_tokens = 128, .query_tokens = 16};
  CHECK(Parsed("R(128,16)").Sample(rng) == RequestShape{.rerank = rerank});
}

TEST_CASE("A scenario knows which API its requests are for", "[workload][scenario]") {
  for (const auto* text : {"D(1,2)", "N(9,1)/(9,1)", "U(5,5)", "I(64,32)", "0.5*I(64,32)+0.5*D(1,2)"}) {
    CHECK(Parsed(text).Kind() == RequestKind::kGeneration);
  }
  CHECK(Parsed("0.5*E(64)+0.5*E(512)").Kind() == RequestKind::kEmbedding);
  CHECK(Parsed("R(128,16)").Kind() == RequestKind::kRerank);
}

struct Moments {
  double mean = 0;
  double standard_deviation = 0;
};

template <typename Member>
Moments MomentsOf(const Pairs& pairs, Member member) {
  Moments moments;
  double squares = 0;
  const auto n = static_cast<double>(pairs.size());
  for (const auto& pair : pairs) moments.mean += static_cast<double>(pair.*member) / n;
  for (const auto& pair : pairs) {
    squares += std::pow(static_cast<double>(pair.*member) - moments.mean, 2);
  }
  moments.standard_deviation = std::sqrt(squares / (n - 1));
  return moments;
}

// With 100,000 draws the standard error of a mean is sigma / 316; the margins are about five of them.
TEST_CASE("N keeps mean and deviation, with no bias from rounding", "[workload][scenario]") {
  const Pairs pairs = DrawPairs("N(1000,100)/(500,20)", kDraws, 3);
  const Moments input = MomentsOf(pairs, &Pairs::value_type::first);
  CHECK(input.mean == Approx(1000).margin(1.6));
  CHECK(input.standard_deviation == Approx(100).margin(1.2));
  const Moments output = MomentsOf(pairs, &Pairs::value_type::second);
  CHECK(output.mean == Approx(500).margin(0.32));  // rounding down would give 499.5
  CHECK(output.standard_deviation == Approx(20).margin(0.25));
}

TEST_CASE("N draws input and output independently", "[workload][scenario]") {
  const Pairs pairs = DrawPairs("N(1000,100)/(1000,100)", kDraws, 4);
  double covariance = 0;
  for (const auto& [input, output] : pairs) {
    covariance += static_cast<double>((input - 1000) * (output - 1000)) / kDraws;
  }
  CHECK(covariance / (100 * 100) == Approx(0).margin(0.016));  // of a correlation: 1 / 316
}

// What falls below 1 becomes 1. The exact sum over k * P(k) is 100.448 with a deviation of 48.949, and
// P(1) = Phi((1.5 - 100) / 50) = 0.02442.
TEST_CASE("N puts what falls below one token on one token", "[workload][scenario]") {
  const Pairs pairs = DrawPairs("N(100,50)/(50,0)", kDraws, 5);
  int64_t ones = 0;
  for (const auto& [input, output] : pairs) {
    REQUIRE(input >= 1);
    REQUIRE(output == 50);
    ones += input == 1;
  }
  CHECK(MomentsOf(pairs, &Pairs::value_type::first).mean == Approx(100.448).margin(0.78));
  CHECK(std::abs(ones - 2442) < 250);  // sqrt(n p (1-p)) = 49
}

TEST_CASE("U draws each length from minimum to maximum equally often", "[workload][scenario]") {
  std::map<int64_t, int64_t> inputs;
  std::map<int64_t, int64_t> outputs;
  for (const auto& [input, output] : DrawPairs("U(1,2)/(3,6)", kDraws, 6)) {
    ++inputs[input];
    ++outputs[output];
  }
  REQUIRE(inputs.size() == 2);
  REQUIRE(outputs.size() == 4);
  CHECK(outputs.begin()->first == 3);
  // Standard deviations sqrt(n p (1-p)): 158 and 137.
  for (const auto& [length, count] : inputs) CHECK(std::abs(count - 50'000) < 800);
  for (const auto& [length, count] : outputs) CHECK(std::abs(count - 25'000) < 700);
}

TEST_CASE("U with one group has the maxima, from one token on", "[workload][scenario]") {
  CHECK(Parsed("U(100,50)") == Parsed("U(1,100)/(1,50)"));
  CHECK_FALSE(Parsed("U(100,200)") == Parsed("U(100,200)/(100,200)"));
}

TEST_CASE("A mixture draws its parts by their share of the weights", "[workload][scenario]") {
  for (const auto* text : {"0.7*D(1,1)+0.3*D(2,2)", "7*D(1,1)+3*D(2,2)", "0.07*D(1,1)+0.03*D(2,2)"}) {
    int64_t first = 0;
    for (const auto& [input, output] : DrawPairs(text, kDraws, 7)) first += input == 1;
    CHECK(std::abs(first - 70'000) < 730);  // sqrt(n p (1-p)) = 145
  }
}

// Computed apart from this code, in Python: xoshiro256** in integers, Box-Muller and rounding in floats.
TEST_CASE("A seed gives the same shapes everywhere", "[workload][scenario]") {
  CHECK(DrawPairs("N(480,240)/(300,150)", 6, 42) ==
        Pairs{{407, 502}, {572, 441}, {128, 243}, {293, 470}, {678, 238}, {526, 171}});
  CHECK(DrawPairs("U(100,1000)/(1,50)", 6, 42) ==
        Pairs{{175, 19}, {712, 47}, {993, 39}, {748, 43}, {785, 30}, {714, 15}});
  CHECK(DrawPairs("0.7*N(480,240)/(300,150)+0.3*D(4000,200)", 6, 42) ==
        Pairs{{380, 641}, {4000, 200}, {4000, 200}, {4000, 200}, {4000, 200}, {388, 183}});
}

TEST_CASE("What is written out reads as the same scenario", "[workload][scenario]") {
  for (const auto* text :
       {"D(100,50)", "N(480,240)/(300,150)", "N(100,50)/(50,0)", "U(10,100)/(1,50)", "U(1,100)/(2,50)",
        "U(100,50)", "I(512,256)", "I(64,32,2)", "E(128)", "R(128,16)",
        "0.7*N(480,240)/(300,150)+0.3*D(4000,200)", "7*U(10,20)/(3,4)+3*I(64,32)+0.25*U(5,5)",
        "0.000001*D(1,1)+1000000*D(2,2)", "0.3333333333333333*E(1)+0.1*E(2)", "0.5*D(1,2)"}) {
    const Scenario scenario = Parsed(text);
    CHECK(ToString(scenario) == text);
    CHECK(Parsed(ToString(scenario)) == scenario);
  }
}

TEST_CASE("What can be written in several ways is written out in the shortest", "[workload][scenario]") {
  CHECK(ToString(Parsed("n(480,240)/(300,150)")) == "N(480,240)/(300,150)");
  CHECK(ToString(Parsed("U(1,100)/(1,50)")) == "U(100,50)");
  CHECK(ToString(Parsed("i(64,32,1)")) == "I(64,32)");
  CHECK(ToString(Parsed("D(0100,050)")) == "D(100,50)");
  CHECK(ToString(Parsed("0.70*e(64)+.3*E(512)")) == "0.7*E(64)+0.3*E(512)");
  CHECK(ToString(Parsed("1.0*D(1,2)")) == "D(1,2)");
}

TEST_CASE("Scenarios are equal when they draw the same from the same parts", "[workload][scenario]") {
  CHECK(Parsed("D(1,2)") == Parsed("d(1,2)"));
  CHECK_FALSE(Parsed("D(1,2)") == Parsed("D(2,1)"));
  CHECK_FALSE(Parsed("D(100,50)") == Parsed("N(100,0)/(50,0)"));
  // The same shares, but the weights are kept as written.
  CHECK_FALSE(Parsed("7*D(1,1)+3*D(2,2)") == Parsed("0.7*D(1,1)+0.3*D(2,2)"));
}

TEST_CASE("An unknown letter is answered with the known ones", "[workload][scenario]") {
  const std::string known = "expected one of the letters D, N, U, I, E, R at character ";
  CHECK(ErrorOf("X(1,2)") == known + "1: X(1,2)");
  CHECK(ErrorOf("dataset") == known + "1: dataset");
  CHECK(ErrorOf("(1,2)") == known + "1: (1,2)");
  CHECK(ErrorOf("0.5*A(1)") == known + "5: 0.5*A(1)");
  CHECK(ErrorOf("") == "the scenario is empty; write for example N(480,240)/(300,150)");
}

TEST_CASE("A malformed scenario is told the character and the form", "[workload][scenario]") {
  CHECK(ErrorOf("N(480,240") ==
        "expected ')' at character 10 (the end), as in N(mean,std)/(mean,std): N(480,240");
  CHECK(ErrorOf("N(1,2)") == "expected '/' at character 7 (the end), as in N(mean,std)/(mean,std): N(1,2)");
  CHECK(ErrorOf("D(1.5,2)") == "expected ',' at character 4, as in D(input,output): D(1.5,2)");
  CHECK(ErrorOf("I(1,2,3,4)") ==
        "expected ')' at character 8, as in I(width,height) or I(width,height,images): I(1,2,3,4)");
  CHECK(ErrorOf("D(1,2)x") == "expected the end at character 7: D(1,2)x");
  CHECK(ErrorOf("D(1, 2)") == "expected no white space at character 5: D(1, 2)");
  CHECK_THAT(ErrorOf("D(1,2)\n"), Contains("no white space at character 7"));
  CHECK_THAT(ErrorOf("E"), Contains("'(' at character 2 (the end), as in E(tokens)"));
  CHECK_THAT(ErrorOf("R(5)"), Contains("',' at character 4, as in R(document,query)"));
  CHECK_THAT(ErrorOf("U(1,2)/"), Contains("'(' at character 8 (the end), as in U(min,max)/(min,max)"));
}

TEST_CASE("A number out of its range is told the range", "[workload][scenario]") {
  CHECK(ErrorOf("D(0,1)") ==
        "expected the input tokens (a whole number from 1 to 10,000,000) at character 3, as in "
        "D(input,output): D(0,1)");
  CHECK_THAT(ErrorOf("D(5,-1)"), Contains("the output tokens (a whole number from 1 to 10,000,000) at "));
  CHECK_THAT(ErrorOf("D(5,99999999999999999999)"), Contains("at character 5,"));
  CHECK_THAT(ErrorOf("N(0,5)/(5,5)"), Contains("the mean of the input tokens (a whole number from 1 to "));
  CHECK_THAT(ErrorOf("N(5,5)/(5,x)"),
             Contains("the standard deviation (a whole number from 0 to 10,000,000) at character 11"));
  CHECK_THAT(ErrorOf("I(64,16385)"),
             Contains("the height in pixels (a whole number from 1 to 16,384) at character 6"));
  CHECK_THAT(ErrorOf("I(64,32,1001)"), Contains("the images per request (a whole number from 1 to 1,000)"));
}

TEST_CASE("The ends of each range are accepted", "[workload][scenario]") {
  for (const auto* text : {"D(1,1)", "D(10000000,10000000)", "N(1,0)/(1,10000000)", "U(5,5)/(7,7)",
                           "I(1,16384,1000)", "E(10000000)", "R(1,10000000)"}) {
    CHECK(ToString(Parsed(text)) == text);
  }
}

TEST_CASE("A uniform maximum below its minimum is found while reading", "[workload][scenario]") {
  CHECK_THAT(ErrorOf("U(5,1)/(1,2)"),
             Contains("the most input tokens (a whole number from 5 to 10,000,000) at character 5"));
  CHECK_THAT(ErrorOf("U(1,5)/(3,2)"),
             Contains("the most output tokens (a whole number from 3 to 10,000,000) at character 11"));
}

TEST_CASE("A mixture names the weight of every part", "[workload][scenario]") {
  CHECK(ErrorOf("D(1,1)+D(2,2)") ==
        "expected the end (each part of a mixture needs a weight, 0.7*D(100,50)+0.3*D(4000,200)) at "
        "character 7: D(1,1)+D(2,2)");
  const std::string weight = "expected a weight from 0.000001 to 1,000,000, such as 0.7*, at character ";
  CHECK(ErrorOf("0.5*D(1,1)+D(2,2)") == weight + "12: 0.5*D(1,1)+D(2,2)");
  CHECK(ErrorOf("0.5*D(1,1)+") == weight + "12 (the end): 0.5*D(1,1)+");
  CHECK(ErrorOf("0*D(1,1)") == weight + "1: 0*D(1,1)");
  CHECK(ErrorOf("1.2.3*D(1,1)") == weight + "1: 1.2.3*D(1,1)");
  CHECK(ErrorOf("1000001*D(1,1)") == weight + "1: 1000001*D(1,1)");
  CHECK(ErrorOf("0.5D(1,1)") == "expected '*' at character 4: 0.5D(1,1)");
  CHECK(ErrorOf("0.5*D(1,1),") == "expected '+' or the end at character 11: 0.5*D(1,1),");
}

TEST_CASE("A mixture of requests for different APIs is refused", "[workload][scenario]") {
  CHECK_THAT(ErrorOf("0.5*D(1,1)+0.5*R(3,4)"),
             Contains("the same API as the first") && Contains("at character 16: 0.5*D(1,1)+0.5*R(3,4)"));
  CHECK_THAT(ErrorOf("0.5*E(1)+0.5*I(3,4)"), Contains("at character 14"));
}

TEST_CASE("The examples and errors of docs/scenario-grammar.md are true", "[workload][scenario]") {
  std::ifstream page(LLMDYNO_DOCS "/scenario-grammar.md");
  int examples = 0;
  int errors = 0;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("expected ")) {
      CHECK(ErrorOf(line.substr(line.rfind(": ") + 2)) == line);
      ++errors;
    }
    // Rows of the first table: | `I(512,256)`, `I(512,256,2)` | ... |
    if (!line.starts_with("| `") || line.find(" | **") == std::string::npos) continue;
    const std::string cell = line.substr(0, line.find(" | **"));
    for (size_t start = cell.find('`'); start != std::string::npos;) {
      const size_t end = cell.find('`', start + 1);
      Parsed(cell.substr(start + 1, end - start - 1));
      ++examples;
      start = cell.find('`', end + 1);
    }
  }
  CHECK(examples == 9);
  CHECK(errors == 4);
}

}  // namespace
}  // namespace llmdyno
