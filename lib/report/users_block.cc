#include "report/users_block.h"

#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/metrics/distribution.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kUsersInFull = 20;     // one entry each, with mean TTFT
constexpr size_t kUsersAsCounts = 400;  // beyond: smallest, median and largest only

// "user 3: 7 requests, 1 failed, mean TTFT 41.2 ms", two to a line.
std::string UsersInFull(const std::vector<UserSummary>& users) {
  constexpr size_t kColumn = 48;
  std::string text;
  std::string line;
  for (const UserSummary& user : users) {
    std::string entry = "user " + std::to_string(user.user_id) + ": " + Count(user.requests, "request");
    if (user.failed > 0) entry += ", " + WithThousands(user.failed) + " failed";
    entry += ", mean TTFT " +
             (user.mean_ttft ? Fixed(ToMilliseconds(*user.mean_ttft), 1) + " ms" : std::string("-"));
    if (line.empty()) {
      line = "    " + PadRight(entry, kColumn - 4) + "  ";
    } else {
      text += line + entry + "\n";
      line.clear();
    }
  }
  if (line.empty()) return text;
  line.erase(line.find_last_not_of(' ') + 1);
  return text + line + "\n";
}

// "0:7 1:6 2:7 ...": every count, so that they can be added up.
std::string UsersAsCounts(const std::vector<UserSummary>& users) {
  std::string text;
  for (const UserSummary& user : users) {
    text += (text.empty() ? "" : " ") + std::to_string(user.user_id) + ":" + std::to_string(user.requests);
  }
  return Wrap("    " + text, kReportWidth, "    ");
}

}  // namespace

std::string FormatUsersBlock(const RunMetrics& metrics) {
  if (metrics.users.empty()) return "";
  Distribution counts;
  Distribution ttfts;
  for (const UserSummary& user : metrics.users) {
    counts.Add(static_cast<double>(user.requests));
    if (user.mean_ttft) ttfts.Add(ToMilliseconds(*user.mean_ttft));
  }
  std::string text = Count(static_cast<int64_t>(metrics.users.size()), "user") + ", " +
                     Count(metrics.requests, "request") + "; per user " + Fixed(*counts.Min(), 0) + " to " +
                     Fixed(*counts.Max(), 0) + ", median " + Fixed(*counts.Quantile(0.5), 1);
  const bool in_full = metrics.users.size() <= kUsersInFull;
  if (!in_full && !ttfts.empty()) {
    text += "; mean TTFT per user " + Fixed(*ttfts.Min(), 1) + " to " + Fixed(*ttfts.Max(), 1) + " ms";
  }
  if (in_full) return Labeled("Users", text) + UsersInFull(metrics.users);
  if (metrics.users.size() > kUsersAsCounts)
    return Labeled("Users", text + "; each one's figures are in summary.json");
  return Labeled("Users", text + "; requests as user:count") + UsersAsCounts(metrics.users);
}

}  // namespace llmdyno
