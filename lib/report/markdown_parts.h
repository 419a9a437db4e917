// What the summaries of all results say in the same way: head, verdict, doubts, notes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/markdown_text.h"

namespace llmdyno {

// One run that was judged: a race, or a level by its name.
struct MarkdownVerdict {
  std::string level;  // escaped; empty for a race
  const Json* verdict;
  bool is_cut = false;
};

// Whether a stop reason says that the run was stopped before it had done what it was to do.
bool IsCutReason(const Json& stop_reason);

// "## Title", SIMULATED, the verdict in a line.
std::string MarkdownHead(const Json& title, const char* otherwise, bool is_simulated,
                         const std::vector<MarkdownVerdict>& verdicts);

// "endpoint http://…, model m": those that are there, on one line.
std::string MarkdownFacts(const std::vector<std::pair<std::string, const Json*>>& facts);

// "VALID", "SUSPECT", "cut"; a dash when nobody judged.
std::string VerdictWord(const MarkdownVerdict& verdict);

// Reasons, caveats, what could not be judged.
std::string MarkdownDoubts(const std::vector<MarkdownVerdict>& verdicts);

// The lists of failures of one run or several, under a heading; `lists` by level.
std::string MarkdownFailures(const std::vector<std::pair<std::string, const Json*>>& lists);

// The texts of a list, under a heading.
std::string MarkdownTexts(std::string_view title, const Json& texts);

}  // namespace llmdyno
