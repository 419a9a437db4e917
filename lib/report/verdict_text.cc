#include "report/verdict_text.h"

namespace llmdyno {

std::string VerdictLine(bool is_valid) {
  return is_valid ? "VALID: nothing shows that the client held the measurement back"
                  : "SUSPECT: read why before trusting these numbers";
}

std::vector<std::string> CaveatSentences(const Validity& validity, bool marks_thin) {
  std::vector<std::string> sentences;
  for (const ValidityReason& caveat : validity.caveats) {
    if (caveat.code != "few_samples" || !marks_thin) sentences.push_back("note: " + caveat.sentence);
  }
  return sentences;
}

std::string VerdictOfLevels(const std::vector<std::string>& suspect_levels) {
  if (suspect_levels.empty()) {
    return "VALID at every level: nothing shows that the client held the measurement back";
  }
  std::string names;
  for (const std::string& name : suspect_levels) names += (names.empty() ? "" : ", ") + name;
  return "SUSPECT at " + names + ": read why, above, before trusting these numbers";
}

}  // namespace llmdyno
