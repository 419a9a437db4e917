#include "report/plot_command.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/flag_table.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/sweep_plot.h"

namespace llmdyno {
namespace {

using Arguments = std::vector<std::string>;

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

struct Split {
  Arguments flags;
  Arguments files;
};

// Flags with their values on one side, files on the other. Everything after "--" is a file.
Split SplitOffFiles(const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> kWithValue = {"-o", "--output", "--layout"};
  Split split;
  bool only_files = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (only_files || argument.size() < 2 || !argument.starts_with('-')) {
      split.files.push_back(argument);
    } else if (argument == "--") {
      only_files = true;
    } else {
      split.flags.push_back(argument);
      const bool takes_next = std::find(kWithValue.begin(), kWithValue.end(), argument) != kWithValue.end();
      if (takes_next && i + 1 < arguments.size()) split.flags.push_back(arguments[++i]);
    }
  }
  return split;
}

bool IsImageName(std::string_view name) { return name.ends_with(".png") || name.ends_with(".svg"); }

// Nobody's results are written over because of an odd name.
absl::Status CheckMayBeWritten(const std::string& image) {
  std::error_code error;
  if (!std::filesystem::exists(image, error)) return absl::OkStatus();
  std::string begin(8, '\0');
  std::ifstream file(image, std::ios::binary);
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<size_t>(file.gcount()));
  if (begin.empty() || begin.starts_with("\x89PNG") || begin.starts_with("<?xml") ||
      begin.starts_with("<svg")) {
    return absl::OkStatus();
  }
  return Wrong("'" + image + "' is there already and is no image: name another file with --output");
}

// Takes the image out of the files when --output does not name it.
absl::StatusOr<std::string> TakeImage(const std::string& output, Arguments& files) {
  if (!output.empty()) return output;
  std::string image;
  Arguments others;
  for (const std::string& file : files) {
    if (!IsImageName(file)) {
      others.push_back(file);
    } else if (!image.empty()) {
      return Wrong("two images are named, '" + image + "' and '" + file + "': one is drawn");
    } else {
      image = file;
    }
  }
  if (image.empty()) return Wrong("plot needs --output FILE, an image that ends in .png or .svg");
  files = std::move(others);
  return image;
}

}  // namespace

absl::StatusOr<std::string> RunPlotCommand(const Arguments& arguments) {
  std::string output;
  std::string layout;
  FlagTable table("llmdyno-report plot",
                  "draws results of sweeps; name one to see its levels, or several to compare them.");
  table.Section("Flags");
  table.Text("output", output, "FILE", "Draw into this .png or .svg; a file named so does as well");
  table.Alias("o");
  table.Choice("layout", layout, {"simple", "advanced", "streaming"},
               "Draw one result in two panels, in four, or in six");
  table.DescribeDefault("by what the file holds");
  Split split = SplitOffFiles(arguments);
  LLMDYNO_ASSIGN_OR_RETURN(const FlagTable::Action action, table.Parse(split.flags));
  if (action == FlagTable::Action::kHelp) return table.Help();
  if (action == FlagTable::Action::kVersion) return std::string("llmdyno-report " LLMDYNO_VERSION "\n");
  LLMDYNO_ASSIGN_OR_RETURN(const std::string image, TakeImage(output, split.files));
  if (split.files.empty()) return Wrong("plot needs a file of results, or a folder with them");
  LLMDYNO_RETURN_IF_ERROR(CheckMayBeWritten(image));
  std::optional<SweepPlotLayout> wanted;
  if (!layout.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(wanted, ParseSweepPlotLayout(layout));
  }
  LLMDYNO_RETURN_IF_ERROR(PlotSweepFiles(split.files, image, wanted));
  LLMDYNO_ASSIGN_OR_RETURN(const std::string numbers, FormatPlottedNumbers(split.files));
  return numbers + "\nPlot: " + image + "\n";
}

}  // namespace llmdyno
