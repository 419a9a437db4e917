#include "llmdyno/base/params.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

std::string ErrorOf(const absl::Status& status) { return std::string(status.message()); }

TEST_CASE("Params are read from name:key=value,key=value and written back the same", "[base][params]") {
  for (const std::string text :
       {"fast", "fast:ttft=50ms", "fast:ttft=50ms,itl=2ms", "x:formula=a=b", "x:empty="}) {
    CAPTURE(text);
    CHECK(ToString(Params::Parse(text).value()) == text);
  }
  const Params params = Params::Parse("x:formula=a=b,empty=").value();
  CHECK(params.name == "x");
  CHECK(params.settings ==
        std::vector<std::pair<std::string, std::string>>{{"formula", "a=b"}, {"empty", ""}});
  CHECK(Params::Parse("fast:").value().settings.empty());
}

TEST_CASE("Malformed params are refused with a sentence", "[base][params]") {
  CHECK(ErrorOf(Params::Parse("").status()) == "'': expected a name, as in name:key=value");
  CHECK(ErrorOf(Params::Parse(":a=1").status()) == "':a=1': expected a name, as in name:key=value");
  CHECK(ErrorOf(Params::Parse("fast:ttft").status()) ==
        "'fast:ttft': expected key=value where 'ttft' stands");
  CHECK(ErrorOf(Params::Parse("fast:=1").status()) == "'fast:=1': expected key=value where '=1' stands");
  CHECK(ErrorOf(Params::Parse("fast:a=1,,b=2").status()) ==
        "'fast:a=1,,b=2': expected key=value where '' stands");
  CHECK(ErrorOf(Params::Parse("fast:a=1,").status()) == "'fast:a=1,': expected key=value where '' stands");
  CHECK(ErrorOf(Params::Parse("fast:a=1,a=2").status()) == "'fast:a=1,a=2': a is given twice");
}

TEST_CASE("A ParamReader fills what is given and leaves the rest as it was", "[base][params]") {
  std::string model = "default";
  int64_t users = 1;
  double rate = 0.5;
  bool loud = false;
  Duration ttft = 1s;
  int64_t untouched = 42;
  ParamReader reader(Params::Parse("p:model=m7,users=2k,rate=1.25,loud=yes,ttft=50ms").value());
  reader.Read("model", model).Read("users", users).Read("rate", rate).Read("loud", loud).Read("ttft", ttft);
  reader.Read("untouched", untouched);
  REQUIRE(reader.Finish().ok());
  CHECK(model == "m7");
  CHECK(users == 2000);
  CHECK(rate == 1.25);
  CHECK(loud);
  CHECK(ttft == 50ms);
  CHECK(untouched == 42);
}

TEST_CASE("A ParamReader reads six spellings of true and false", "[base][params]") {
  for (const auto& [text, expected] :
       {std::pair{"true", true}, {"yes", true}, {"1", true}, {"false", false}, {"no", false}, {"0", false}}) {
    bool value = !expected;
    ParamReader reader(Params{"p", {{"flag", text}}});
    CHECK(reader.Read("flag", value).Finish().ok());
    CHECK(value == expected);
  }
}

TEST_CASE("A ParamReader names the first malformed value and what it expected", "[base][params]") {
  const auto error_for = [](const std::string& key, const std::string& value, auto target) {
    ParamReader reader(Params{"p", {{key, value}}});
    return ErrorOf(reader.Read(key, target).Finish());
  };
  CHECK(error_for("users", "many", int64_t{}) == "p: users=many: expected a whole number");
  CHECK(error_for("rate", "fast", 0.0) == "p: rate=fast: expected a number");
  CHECK(error_for("loud", "maybe", false) == "p: loud=maybe: expected true or false");
  CHECK(error_for("ttft", "soon", Duration()) == "p: ttft=soon: expected a duration such as 250ms or 1.5s");

  int64_t a = 1;
  int64_t b = 2;
  ParamReader reader(Params::Parse("p:b=y,a=x,unknown=1").value());
  CHECK_THAT(ErrorOf(reader.Read("a", a).Read("b", b).Finish()), Contains("a=x"));
  CHECK(a == 1);
  CHECK(b == 2);
}

TEST_CASE("A ParamReader reports a setting that nobody reads, with the nearest known one", "[base][params]") {
  int64_t users = 0;
  Duration ttft{};
  ParamReader near_miss(Params::Parse("p:user=3").value());
  CHECK(ErrorOf(near_miss.Read("users", users).Read("ttft", ttft).Finish()) ==
        "p: unknown setting 'user' (did you mean 'users'?); it takes users, ttft");
  ParamReader far_off(Params::Parse("p:colour=red").value());
  CHECK(ErrorOf(far_off.Read("users", users).Finish()) == "p: unknown setting 'colour'; it takes users");
  CHECK(ErrorOf(ParamReader(Params::Parse("p:colour=red").value()).Finish()) ==
        "p: unknown setting 'colour'; it takes none");
}

}  // namespace
}  // namespace llmdyno
