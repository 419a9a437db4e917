#include "cli/result_texts.h"

#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/result_file.h"

namespace llmdyno {
namespace {

// A writer may be someone else's.
absl::Status CheckNames(const std::vector<ResultText>& texts, const std::string& path_prefix,
                        const std::set<std::string>& taken) {
  std::set<std::string> names;
  for (const ResultText& text : texts) {
    const std::string& name = text.file_name;
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string::npos ||
        name.find('\0') != std::string::npos) {
      return absl::InternalError("it names a file '" + name + "': expected a name without a folder");
    }
    if (!names.insert(name).second || taken.contains(path_prefix + name)) {
      return absl::InternalError("it names a file '" + name + "' that is there already, from this very run");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteResultTexts(const std::vector<ResultText>& texts, const std::string& path_prefix,
                              std::set<std::string>& taken) {
  LLMDYNO_RETURN_IF_ERROR(CheckNames(texts, path_prefix, taken));
  for (const ResultText& text : texts) {
    const std::string path = path_prefix + text.file_name;
    LLMDYNO_RETURN_IF_ERROR(WriteResultFile(path, text.text));
    taken.insert(path);
  }
  return absl::OkStatus();
}

}  // namespace llmdyno
