// Completions and manual pages: no flag that --help lists is missing from them.
#include <set>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// A command line that has flags of its own, and how `llmdyno` spells it.
struct Face {
  std::string program;
  std::string subcommand;  // may be empty
  std::string command;     // behind `llmdyno`

  std::string words() const { return program + (subcommand.empty() ? "" : " " + subcommand); }
};

const std::vector<Face>& Faces() {
  static const std::vector<Face> faces = {
      {"llmdyno-race", "", "race"},
      {"llmdyno-qps", "", "qps"},
      {"llmdyno-qps", "serve", "serve"},
      {"llmdyno-sweep", "", "sweep"},
      {"llmdyno-sweep", "simple", "simple"},
      {"llmdyno-embed", "", "embed"},
      {"llmdyno-selftest", "", "selftest"},
      {"llmdyno-sim", "", "sim"},
      {"llmdyno-plugins", "", "plugins"},
      {"llmdyno-report", "show", "report show"},
      {"llmdyno-report", "compare", "compare"},
      {"llmdyno-report", "cost", "cost"},
      {"llmdyno-report", "definitions", "report definitions"},
      {"llmdyno-report", "plot", "plot"},
      {"llmdyno-report", "write", "report write"},
  };
  return faces;
}

// The names of flags that --help lists, with their hyphens.
std::set<std::string> FlagsOfHelp(const Face& face) {
  Arguments arguments = {"--help"};
  if (!face.subcommand.empty()) arguments.insert(arguments.begin(), face.subcommand);
  const Finished help = RunApp(face.program, arguments);
  REQUIRE(help.exit == 0);
  std::set<std::string> flags;
  for (const std::string& line : Lines(help.out)) {
    if (line.starts_with("  --")) flags.insert(line.substr(2, line.find_first_of(" [", 2) - 2));
  }
  REQUIRE(flags.size() >= 2);
  return flags;
}

std::string CompletionsFor(const std::string& shell) {
  const Finished made = RunApp("llmdyno", {"completions", shell});
  REQUIRE(made.exit == 0);
  CHECK(made.err.empty());
  return made.out;
}

// What bash offers behind these words, the last of which is being typed.
std::set<std::string> BashOffers(const Scratch& scratch, const std::string& script, const Arguments& words) {
  std::string line = "source '" + script + "'; COMP_WORDS=(";
  for (const std::string& word : words) line += " '" + word + "'";
  line +=
      "); COMP_CWORD=" + std::to_string(words.size() - 1) + "; _llmdyno; printf '%s\\n' \"${COMPREPLY[@]}\"";
  ChildProcess bash({"/bin/bash", "-c", line}, {.directory = scratch.path()});
  CHECK(bash.Wait() == 0);
  CHECK(bash.Err().empty());
  std::set<std::string> offers;
  for (const std::string& offer : Lines(bash.Out())) {
    if (!offer.empty()) offers.insert(offer);
  }
  return offers;
}

// Whether a shell finds its own grammar in the script; true where the machine does not have that shell.
bool IsGrammatical(const Scratch& scratch, const std::string& shell, const std::string& script) {
  ChildProcess check(
      {"/bin/sh", "-c", "! command -v " + shell + " >/dev/null || " + shell + " -n '" + script + "'"},
      {.directory = scratch.path()});
  return check.Wait() == 0 && check.Err().empty();
}

using Offers = std::set<std::string>;

}  // namespace

TEST_CASE("Bash completes every flag of --help, behind the program and behind llmdyno", "[apps]") {
  const Scratch scratch;
  const std::string script = scratch.Write("llmdyno.bash", CompletionsFor("bash"));
  CHECK(IsGrammatical(scratch, "bash", script));
  for (const Face& face : Faces()) {
    INFO(face.words());
    Arguments direct = {face.program};
    if (!face.subcommand.empty()) direct.push_back(face.subcommand);
    direct.emplace_back("--");
    Arguments through = {"llmdyno"};
    const size_t space = face.command.find(' ');
    through.push_back(face.command.substr(0, space));
    if (space != std::string::npos) through.push_back(face.command.substr(space + 1));
    through.emplace_back("--");
    const Offers expected = FlagsOfHelp(face);
    CHECK(BashOffers(scratch, script, direct) == expected);
    CHECK(BashOffers(scratch, script, through) == expected);
  }
}

TEST_CASE("Bash completes commands, subcommands, choices and files", "[apps]") {
  const Scratch scratch;
  const std::string script = scratch.Write("completions", CompletionsFor("bash"));
  scratch.Write("results.json", "{}");
  const auto offers = [&](const Arguments& words) { return BashOffers(scratch, script, words); };
  CHECK(offers({"llmdyno", "re"}) == Offers{"report"});
  CHECK(offers({"/usr/bin/llmdyno", "pl"}) == Offers{"plot", "plugins"});
  CHECK(offers({"llmdyno-qps", "s"}) == Offers{"serve"});
  CHECK(offers({"llmdyno", "report", "c"}) == Offers{"compare", "cost"});
  CHECK(offers({"llmdyno", "plot", "--layout", ""}) == Offers{"advanced", "simple", "streaming"});
  CHECK(offers({"llmdyno", "plot", "--layout", "=", "st"}) == Offers{"streaming"});
  CHECK(offers({"llmdyno", "plot", "--layout", "="}) == Offers{"advanced", "simple", "streaming"});
  CHECK(offers({"llmdyno", "compare", "--on_doubt", "f"}) == Offers{"fail"});
  CHECK(offers({"llmdyno", "cost", "--csv", "res"}) == Offers{"results.json"});
  CHECK(offers({"llmdyno", "compare", "res"}) == Offers{"results.json"});
  CHECK(offers({"llmdyno", "completions", "f"}) == Offers{"fish"});
  // Nothing is known of a number: nothing is offered, least of all flags.
  CHECK(offers({"llmdyno", "race", "--users", ""}).empty());
  CHECK(offers({"llmdyno", "nonsense", ""}).empty());
}

TEST_CASE("Zsh and fish are told every flag of --help", "[apps]") {
  const Scratch scratch;
  const std::string zsh = CompletionsFor("zsh");
  const std::string fish = CompletionsFor("fish");
  CHECK(IsGrammatical(scratch, "zsh", scratch.Write("_llmdyno", zsh)));
  CHECK(IsGrammatical(scratch, "fish", scratch.Write("llmdyno.fish", fish)));
  for (const Face& face : Faces()) {
    INFO(face.words());
    const size_t begin = zsh.find("\n    '" + face.words() + "')\n");
    REQUIRE(begin != std::string::npos);
    const std::string block = zsh.substr(begin, zsh.find(";;", begin) - begin);
    const std::string condition = "'__llmdyno_is " + face.words() + "' -l ";
    for (const std::string& flag : FlagsOfHelp(face)) {
      INFO(flag);
      CHECK((Contains(block, "'*" + flag + "[") || Contains(block, "'*" + flag + "=[")));
      CHECK(Contains(fish, condition + flag.substr(2) + " "));
    }
  }
}

TEST_CASE("Every program has a manual page with every flag of --help", "[apps]") {
  for (const Face& face : Faces()) {
    const Finished page = RunApp("llmdyno", {"man-page", face.program});
    REQUIRE(page.exit == 0);
    CHECK(page.err.empty());
    CHECK(Contains(page.out, ".SH NAME\n"));
    for (std::string flag : FlagsOfHelp(face)) {
      for (size_t at = 0; (at = flag.find('-', at)) != std::string::npos; at += 2) flag.insert(at, 1, '\\');
      INFO(face.words() << " " << flag);
      CHECK(Contains(page.out, "\\fB" + flag + "\\fR"));
    }
  }
  const Finished page = RunApp("llmdyno", {"man-page", "llmdyno"});
  CHECK(page.exit == 0);
  for (const std::string& line : LinesWith(RunApp("llmdyno", {"--help"}).out, "  ")) {
    const std::string command = line.substr(2, line.find(' ', 2) - 2);
    INFO(command);
    std::string escaped = command;
    for (size_t at = 0; (at = escaped.find('-', at)) != std::string::npos; at += 2)
      escaped.insert(at, 1, '\\');
    CHECK(Contains(page.out, "\\fB" + escaped + "\\fR"));
    CHECK(Contains(CompletionsFor("bash"), command));
  }
}

TEST_CASE("The subcommands that are completed are those that the report's help lists", "[apps]") {
  const Scratch scratch;
  const std::string script = scratch.Write("completions", CompletionsFor("bash"));
  Offers listed = {"--help", "--version"};
  for (const std::string& line : LinesWith(RunApp("llmdyno-report", {"--help"}).out, "  llmdyno-report ")) {
    const size_t begin = std::string("  llmdyno-report ").size();
    listed.insert(line.substr(begin, line.find(' ', begin) - begin));
  }
  CHECK(BashOffers(scratch, script, {"llmdyno-report", ""}) == listed);
}

TEST_CASE("A shell or a page that does not exist is a sentence with those that do", "[apps]") {
  const Finished shell = RunApp("llmdyno", {"completions", "tcsh"});
  CHECK(shell.exit == 2);
  CHECK(shell.out.empty());
  CHECK(shell.err == "llmdyno: completions: expected bash, zsh or fish, got 'tcsh'\n");
  const Finished page = RunApp("llmdyno", {"man-page", "llmdyno-rice"});
  CHECK(page.exit == 2);
  CHECK(Contains(page.err, "man-page: expected one of llmdyno, llmdyno-race"));
  CHECK(RunApp("llmdyno", {"completions"}).exit == 2);
}

TEST_CASE("--help=json tells of a flag what --help tells", "[apps]") {
  const Json help = Json::parse(RunApp("llmdyno-report", {"plot", "--help=json"}).out);
  CHECK(help["program"] == "llmdyno-report plot");
  const Json& layout = help["flags"][1];
  CHECK(layout["name"] == "layout");
  CHECK(layout["argument"] == "NAME");
  CHECK(layout["choices"] == Json{"simple", "advanced", "streaming"});
  CHECK(layout["default"] == "by what the file holds");
  CHECK(help["flags"].size() == 4);
}

}  // namespace llmdyno
