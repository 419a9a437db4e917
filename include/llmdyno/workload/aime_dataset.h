// The problems of a mathematics contest as prompts: short questions with long answers. Dataset loading uses
// it. A pure function but for looking into the folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llmdyno {

// Where the problems are when there is no file of them.
inline constexpr std::string_view kAimeHubDataset = "di-zhang-fire/AIME_1983_2024";

// The sentence before each question.
inline constexpr std::string_view kAimeInstruction =
    "Solve the following contest problem step by step, and give the result alone on the last line.";

// The first that exists of aime.jsonl, aime.json, aime.csv and aime.txt.
std::optional<std::string> FindAimeFile(const std::string& directory = "datasets");

}  // namespace llmdyno
