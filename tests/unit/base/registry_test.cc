#include "llmdyno/base/registry.h"

#include <memory>

#include "support/catch.h"

namespace llmdyno {
namespace {

using Shapes = Registry<std::string, int>;

Shapes MakeShapes() {
  Shapes shapes("shape");
  const auto repeat = [](const Params& params, int times) -> absl::StatusOr<std::string> {
    std::string text;
    for (int i = 0; i < times; ++i) text += params.name[0];
    return text;
  };
  REQUIRE(shapes.Add({"circle", "round", repeat}).ok());
  REQUIRE(shapes.Add({"square", "not round", repeat}).ok());
  return shapes;
}

TEST_CASE("A registry makes what is asked for by name", "[base][registry]") {
  const Shapes shapes = MakeShapes();
  CHECK(shapes.Make(Params{"circle", {}}, 3).value() == "ccc");
  CHECK(shapes.Names() == std::vector<std::string>{"circle", "square"});
  CHECK(shapes.entries().at(1).summary == "not round");
  CHECK(shapes.Find("circle") != nullptr);
  CHECK(shapes.Find("triangle") == nullptr);
}

TEST_CASE("A registry answers an unknown name with the nearest and the list", "[base][registry]") {
  const Shapes shapes = MakeShapes();
  const absl::Status near_miss = shapes.Make(Params{"sqare", {}}, 1).status();
  CHECK(near_miss.code() == absl::StatusCode::kNotFound);
  CHECK(near_miss.message() == "unknown shape 'sqare' (did you mean 'square'?); known are circle, square");
  CHECK(shapes.Make(Params{"helix", {}}, 1).status().message() ==
        "unknown shape 'helix'; known are circle, square");
}

TEST_CASE("A registry keeps the first of two entries with one name", "[base][registry]") {
  Shapes shapes = MakeShapes();
  const absl::Status twice = shapes.Add(
      {"circle", "impostor", [](const Params&, int) -> absl::StatusOr<std::string> { return "!"; }});
  CHECK(twice.code() == absl::StatusCode::kAlreadyExists);
  CHECK(twice.message() == "shape 'circle' is registered already");
  CHECK(shapes.Make(Params{"circle", {}}, 1).value() == "c");
}

}  // namespace
}  // namespace llmdyno
