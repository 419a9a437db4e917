#include "report/markdown_parts.h"

#include <algorithm>

namespace llmdyno {
namespace {

// Behind the name of its level, where there are several.
std::string OfLevel(const std::string& level, const std::string& text) {
  return level.empty() ? text : level + ": " + text;
}

void AddTexts(const MarkdownVerdict& verdict, const char* key, const std::string& kind,
              std::vector<std::string>& lines) {
  const Json& texts = MemberAt(*verdict.verdict, std::string("/") + key);
  if (!texts.is_array()) return;
  for (const Json& text : texts) {
    const Json& sentence = text.is_object() ? MemberAt(text, "/sentence") : text;
    if (sentence.is_string()) lines.push_back(OfLevel(verdict.level, kind + MarkdownCell(sentence)));
  }
}

std::string VerdictLine(const std::vector<MarkdownVerdict>& verdicts) {
  if (verdicts.empty()) return "**Nothing was measured.**";
  std::string suspect;
  std::string cut;
  bool all_judged = true;
  for (const MarkdownVerdict& verdict : verdicts) {
    const Json& valid = MemberAt(*verdict.verdict, "/valid");
    all_judged = all_judged && valid.is_boolean();
    const std::string level = verdict.level.empty() ? "" : (suspect.empty() ? "" : ", ") + verdict.level;
    if (valid == Json(false)) suspect += level.empty() ? " " : level;
    if (verdict.is_cut) cut += (cut.empty() ? "" : ", ") + verdict.level;
  }
  const bool has_levels = !verdicts.front().level.empty();
  std::string line = !suspect.empty() ? "**Verdict: SUSPECT**" : "**Verdict: VALID**";
  if (suspect.empty() && !all_judged) line = "**Verdict: not judged**";
  if (!suspect.empty() && has_levels) line += " at " + suspect;
  if (!suspect.empty()) line += " (see the doubts below)";
  const bool any_cut =
      std::any_of(verdicts.begin(), verdicts.end(), [](const MarkdownVerdict& v) { return v.is_cut; });
  if (any_cut) line += "; **cut before its end**" + (has_levels ? ": " + cut : "");
  return line;
}

}  // namespace

bool IsCutReason(const Json& stop_reason) {
  return stop_reason == "interrupted" || stop_reason == "plugin_fault";
}

std::string MarkdownHead(const Json& title, const char* otherwise, bool is_simulated,
                         const std::vector<MarkdownVerdict>& verdicts) {
  const std::string text = title.is_string() && !title.get_ref<const std::string&>().empty()
                               ? MarkdownCell(title)
                               : std::string(otherwise);
  std::string head = "## " + text + "\n\n";
  if (is_simulated) {
    head +=
        "**SIMULATED**: the endpoint was llmdyno's own engine model; these numbers describe no real "
        "engine.\n\n";
  }
  return head + VerdictLine(verdicts) + "\n\n";
}

std::string MarkdownFacts(const std::vector<std::pair<std::string, const Json*>>& facts) {
  std::string line;
  for (const auto& [name, value] : facts) {
    if (!value->is_number() && (!value->is_string() || value->get_ref<const std::string&>().empty()))
      continue;
    line += (line.empty() ? "" : ", ") + name + " " + MarkdownCell(*value);
  }
  return line.empty() ? "" : line + "\n\n";
}

std::string VerdictWord(const MarkdownVerdict& verdict) {
  const Json& valid = MemberAt(*verdict.verdict, "/valid");
  std::string word = valid == Json(true) ? "VALID" : valid == Json(false) ? "**SUSPECT**" : "–";
  if (verdict.is_cut) word += ", cut";
  return word;
}

std::string MarkdownDoubts(const std::vector<MarkdownVerdict>& verdicts) {
  std::vector<std::string> lines;
  for (const MarkdownVerdict& verdict : verdicts) {
    AddTexts(verdict, "reasons", "", lines);
    AddTexts(verdict, "caveats", "note: ", lines);
    AddTexts(verdict, "unknown", "not judged: ", lines);
  }
  return MarkdownList("Doubts", lines);
}

std::string MarkdownFailures(const std::vector<std::pair<std::string, const Json*>>& lists) {
  std::vector<std::string> lines;
  for (const auto& [level, list] : lists) {
    if (!list->is_array()) continue;
    for (const Json& failure : *list) {
      if (!failure.is_object()) continue;
      std::string line =
          MarkdownNumber(MemberAt(failure, "/count")) + " x " + MarkdownCell(MemberAt(failure, "/class"));
      const Json& sample = MemberAt(failure, "/sample_message");
      if (sample.is_string()) line += ", such as: " + MarkdownCell(sample);
      lines.push_back(OfLevel(level, line));
    }
  }
  return MarkdownList("Failures", lines);
}

std::string MarkdownTexts(std::string_view title, const Json& texts) {
  std::vector<std::string> lines;
  if (texts.is_array()) {
    for (const Json& text : texts) {
      if (text.is_string()) lines.push_back(MarkdownCell(text));
    }
  }
  return MarkdownList(title, lines);
}

}  // namespace llmdyno
