#include "sim_flags.h"

#include <algorithm>
#include <cxxopts.hpp>
#include <map>

#include "cli/flag_help.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr char kDefaultPort[] = "8000";

std::string Hyphens(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string Underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

bool IsFault(const std::string& setting) { return FindFault(setting).has_value(); }

struct Flag {
  std::string name;      // with hyphens
  std::string setting;   // of MakeSimConfig; empty for the flags of this program alone
  std::string argument;  // as in --help; empty for a switch
  std::string summary;
};

// The program's own flags first, then one per setting.
std::vector<Flag> MakeFlags() {
  std::vector<Flag> flags = {
      {"help", "", "", "print this text"},
      {"profile", "", "NAME", "simulate this engine; default fast"},
      {"fault", "", "NAME=P,...", "inject faults with these probabilities; may be repeated"},
      {"fail", "", "CODE:P", "answer with status 429, 500 or 503, as in 503:0.2; may be repeated"},
  };
  for (const SimChoice& setting : SimSettings()) {
    flags.push_back({Hyphens(setting.name), setting.name, setting.argument, setting.summary});
  }
  return flags;
}

const std::vector<Flag>& Flags() {
  static const std::vector<Flag> flags = MakeFlags();
  return flags;
}

const Flag* FindFlag(const std::string& name) {
  for (const Flag& flag : Flags()) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

absl::Status UnknownFlag(const std::string& name) {
  std::vector<std::string> known;
  for (const Flag& flag : Flags()) known.push_back(flag.name);
  std::string text = "unknown flag --" + name;
  if (const auto nearest = FindNearestName(name, known)) text += " (did you mean --" + *nearest + "?)";
  return absl::InvalidArgumentError(text + "; --help lists all flags");
}

// One spelling for cxxopts: "--name" or "--name=value". A fault and a switch may stand alone: "--drop" is
// "--drop=1", and "--drop 0.2" is "--drop=0.2".
absl::StatusOr<std::vector<std::string>> Normalise(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "-h") {
      words.push_back("--help");
      continue;
    }
    if (!word.starts_with("--") || word.size() == 2) {
      return absl::InvalidArgumentError("'" + word +
                                        "': expected a flag that begins with --; --help lists all flags");
    }
    const size_t equals = word.find('=');
    const std::string name = Hyphens(word.substr(2, equals == std::string::npos ? equals : equals - 2));
    const Flag* flag = FindFlag(name);
    if (flag == nullptr) return UnknownFlag(name);
    if (equals != std::string::npos) {
      words.push_back("--" + name + word.substr(equals));
      continue;
    }
    const bool has_next = i + 1 < arguments.size() && !arguments[i + 1].starts_with("--");
    if (flag->argument.empty()) {
      words.push_back("--" + name + "=true");
    } else if (IsFault(flag->setting)) {
      const bool takes_next = has_next && ParseReal(arguments[i + 1]).has_value();
      words.push_back("--" + name + "=" + (takes_next ? arguments[++i] : "1"));
    } else if (has_next) {
      words.push_back("--" + name + "=" + arguments[++i]);
    } else {
      return absl::InvalidArgumentError("--" + name + ": expected " + flag->argument + " behind it");
    }
  }
  return words;
}

absl::StatusOr<cxxopts::ParseResult> ParseWords(std::vector<std::string> words) {
  cxxopts::Options options("llmdyno-sim");
  for (const Flag& flag : Flags()) {
    options.add_options()(flag.name, flag.summary, cxxopts::value<std::vector<std::string>>());
  }
  std::vector<char*> pointers = {const_cast<char*>("llmdyno-sim")};
  for (std::string& word : words) pointers.push_back(word.data());
  try {
    return options.parse(static_cast<int>(pointers.size()), pointers.data());
  } catch (const std::exception& problem) {
    return absl::InvalidArgumentError(problem.what());
  }
}

// Checks one setting by itself, so that the message can name the flag rather than the profile.
absl::Status AddSetting(const std::string& flag, const std::string& setting, const std::string& value,
                        Params& params) {
  for (const auto& [earlier, unused] : params.settings) {
    if (earlier == setting)
      return absl::InvalidArgumentError("--" + flag + ": " + setting + " is given twice");
  }
  params.settings.emplace_back(setting, value);
  return absl::OkStatus();
}

absl::Status AddFaults(const std::string& text, Params& params) {
  LLMDYNO_ASSIGN_OR_RETURN(const Params faults, Params::Parse("--fault:" + text));
  std::vector<std::string> known;
  for (size_t i = 0; i < kFaultCount; ++i) known.emplace_back(ToString(static_cast<Fault>(i)));
  for (const auto& [name, value] : faults.settings) {
    const std::string setting = Underscores(name);
    if (!IsFault(setting)) {
      std::string message = "--fault " + text + ": unknown fault '" + name + "'";
      if (const auto nearest = FindNearestName(setting, known))
        message += " (did you mean '" + *nearest + "'?)";
      message += "; known are";
      for (const std::string& fault : known) message += (&fault == &known.front() ? " " : ", ") + fault;
      return absl::InvalidArgumentError(message);
    }
    LLMDYNO_RETURN_IF_ERROR(AddSetting("fault", setting, value, params));
  }
  return absl::OkStatus();
}

absl::Status AddFail(const std::string& text, Params& params) {
  const size_t colon = text.find(':');
  const std::string setting = "http_" + text.substr(0, colon);
  if (!IsFault(setting)) {
    return absl::InvalidArgumentError("--fail " + text +
                                      ": expected 429, 500 or 503 and a probability, as in 503:0.2");
  }
  return AddSetting("fail", setting, colon == std::string::npos ? "1" : text.substr(colon + 1), params);
}

// "fast: ttft=abc: expected ..." becomes "--ttft abc: expected ...".
absl::Status NameTheFlag(const absl::Status& status, const Params& params) {
  const std::string text(status.message());
  for (const auto& [setting, value] : params.settings) {
    const std::string said = params.name + ": " + setting + "=";
    if (!text.starts_with(said)) continue;
    const size_t end = text.find(": ", said.size());
    if (end == std::string::npos) continue;
    return absl::InvalidArgumentError("--" + Hyphens(setting) + " " +
                                      text.substr(said.size(), end - said.size()) + text.substr(end));
  }
  return absl::InvalidArgumentError(status.code() == absl::StatusCode::kNotFound ? "--profile: " + text
                                                                                 : text);
}

absl::StatusOr<Params> CollectParams(const cxxopts::ParseResult& parsed) {
  Params params;
  params.name =
      parsed.count("profile") > 0 ? parsed["profile"].as<std::vector<std::string>>().back() : "fast";
  for (const cxxopts::KeyValue& given : parsed.arguments()) {
    const Flag& flag = *FindFlag(given.key());
    if (flag.name == "fault") {
      LLMDYNO_RETURN_IF_ERROR(AddFaults(given.value(), params));
    } else if (flag.name == "fail") {
      LLMDYNO_RETURN_IF_ERROR(AddFail(given.value(), params));
    } else if (!flag.setting.empty()) {
      LLMDYNO_RETURN_IF_ERROR(AddSetting(flag.name, flag.setting, given.value(), params));
    }
  }
  if (parsed.count("port") == 0) params.settings.emplace_back("port", kDefaultPort);
  return params;
}

void AppendLine(const std::string& left, const std::string& right, std::string& text) {
  text += "  " + left + std::string(left.size() < 34 ? 34 - left.size() : 1, ' ') + right + "\n";
}

}  // namespace

absl::StatusOr<SimCommand> ParseSimCommand(const std::vector<std::string>& arguments) {
  SimCommand command;
  if (std::find(arguments.begin(), arguments.end(), "--help=json") != arguments.end()) {
    command.wants_help = command.wants_help_as_json = true;
    return command;
  }
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<std::string> words, Normalise(arguments));
  if (std::find(words.begin(), words.end(), "--help=true") != words.end()) {
    command.wants_help = true;
    return command;
  }
  LLMDYNO_ASSIGN_OR_RETURN(const cxxopts::ParseResult parsed, ParseWords(std::move(words)));
  LLMDYNO_ASSIGN_OR_RETURN(const Params params, CollectParams(parsed));
  auto config = MakeSimConfig(params);
  if (!config.ok()) return NameTheFlag(config.status(), params);
  command.config = *std::move(config);
  return command;
}

std::string SimHelp() {
  std::string text =
      "llmdyno-sim serves a simulated OpenAI-compatible endpoint.\n\n"
      "usage: llmdyno-sim [--profile NAME] [flags]\n\n"
      "Durations are written 250ms, 1.5s, 2m; a bare number is seconds. P is a probability from 0 to 1; a "
      "fault\n"
      "without one always happens. Flags may be written with hyphens or underscores. The port is 8000 unless "
      "--port\n"
      "says otherwise.\n\nProfiles:\n";
  for (const SimChoice& profile : SimProfiles()) AppendLine(profile.name, profile.summary, text);
  text += "\nFlags:\n";
  for (const Flag& flag : Flags()) {
    std::string left = "--" + flag.name;
    if (!flag.argument.empty()) left += IsFault(flag.setting) ? " [P]" : " " + flag.argument;
    AppendLine(left, flag.summary, text);
  }
  text +=
      "\nRoutes: POST /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/rerank (also /rerank), "
      "/v1/score\n"
      "(also /score), /embed, /tokenize; GET /v1/models, /health, /metrics, /stats. Chat messages may "
      "contain "
      "images.\n";
  return text;
}

std::string SimHelpJson() {
  std::vector<FlagRow> rows;
  for (const Flag& flag : Flags()) {
    FlagRow& row = rows.emplace_back();
    row.section = IsFault(flag.setting) ? "Faults" : "Flags";
    row.name = flag.name;
    row.argument = IsFault(flag.setting) ? "[P]" : flag.argument;
    row.help = flag.summary;
    if (flag.name != "profile") continue;
    for (const SimChoice& profile : SimProfiles()) row.choices.push_back(profile.name);
  }
  return FlagHelpJson("llmdyno-sim", "serves a simulated OpenAI-compatible endpoint.", rows);
}

}  // namespace llmdyno
