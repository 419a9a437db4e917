#include "report/plot_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "llmdyno/report/result_file.h"
#include "report/plot_text.h"
#include "report/text_format.h"

extern char** environ;

namespace llmdyno {
namespace {

absl::Status SystemError(const std::string& what, int error) {
  return absl::UnavailableError(what + ": " + std::strerror(error));
}

// Starts gnuplot with `input` as its standard input and `output` as its other two. NotFound: there is none.
absl::StatusOr<pid_t> StartGnuplot(int input, int output) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  const auto destroy = absl::MakeCleanup([&] { ::posix_spawn_file_actions_destroy(&actions); });
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  char name[] = "gnuplot";
  char* arguments[] = {name, nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, name, &actions, nullptr, arguments, environ);
  if (error == ENOENT) return absl::NotFoundError("gnuplot was not found");
  if (error != 0) return SystemError("cannot start gnuplot", error);
  return child;
}

// A gnuplot that stops reading is noticed by its exit status.
void Send(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

int WaitFor(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// What gnuplot said, on one line.
std::string ReadBack(std::FILE* file) {
  constexpr size_t kMaxMessage = 300;
  std::string text;
  char buffer[512];
  std::rewind(file);
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, n);
  return Shorten(OneLine(text), kMaxMessage);
}

absl::Status RunGnuplot(const std::string& script) {
  // A socket instead of a pipe: writing to one whose reader is gone raises no SIGPIPE, if asked so.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return SystemError("cannot make a pipe to gnuplot", errno);
  }
  const int ours = ends[0];
  const int theirs = ends[1];
  const auto close_ours = absl::MakeCleanup([ours] { ::close(ours); });
  auto close_theirs = absl::MakeCleanup([theirs] { ::close(theirs); });
  std::FILE* messages = std::tmpfile();
  if (messages == nullptr) return SystemError("cannot make a temporary file for gnuplot's messages", errno);
  const auto close_messages = absl::MakeCleanup([messages] { std::fclose(messages); });
  const absl::StatusOr<pid_t> child = StartGnuplot(theirs, ::fileno(messages));
  if (!child.ok()) return child.status();
  std::move(close_theirs).Invoke();
  Send(ours, script);
  ::shutdown(ours, SHUT_WR);
  const int status = WaitFor(*child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError("gnuplot failed: " + ReadBack(messages));
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// gnuplot's names of fonts are those of the machine's font library; in an SVG they mean nothing elsewhere.
absl::Status NameSvgFonts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return absl::UnavailableError("cannot read '" + path + "'");
  ReplaceAll(text, "font-family=\"Sans:Bold\"", "font-family=\"Sans\" font-weight=\"bold\"");
  ReplaceAll(text, "font-family=\"Sans\"", "font-family=\"DejaVu Sans, Verdana, sans-serif\"");
  ReplaceAll(text, "font-family=\"Monospace\"", "font-family=\"DejaVu Sans Mono, monospace\"");
  return WriteResultFile(path, text);
}

}  // namespace

absl::Status DrawPlot(const std::string& path, const std::string& script) {
  const absl::Status drawn = RunGnuplot(script);
  if (drawn.ok() && ::access(path.c_str(), R_OK) == 0) {
    return path.ends_with(".svg") ? NameSvgFonts(path) : absl::OkStatus();
  }
  const std::string kept = path + ".gp";
  if (absl::Status status = WriteResultFile(kept, script); !status.ok()) return status;
  const std::string later = "; its script is '" + kept + "': 'gnuplot " + kept + "' draws the plot";
  if (absl::IsNotFound(drawn)) {
    return absl::FailedPreconditionError(
        "cannot draw '" + path + "': gnuplot was not found. Install it (Debian: gnuplot-nox)" + later);
  }
  ::unlink(path.c_str());
  if (drawn.ok()) return absl::UnavailableError("gnuplot wrote no '" + path + "'" + later);
  return absl::Status(drawn.code(), "cannot draw '" + path + "': " + std::string(drawn.message()) + later);
}

std::string PlotPrologue(const std::string& path, int width_px, int height_px) {
  const std::string size = " size " + std::to_string(width_px) + "," + std::to_string(height_px);
  const bool is_svg = path.ends_with(".svg");
  // A point is 4/3 of a pixel to one of the two, and a pixel to the other.
  return "set terminal " + ((is_svg ? "svg" : "pngcairo") + size) + " font 'Sans,17'" +
         (is_svg ? " fontscale 1.333" : "") +
         " linewidth 1.6 noenhanced background '#ffffff'\nset encoding utf8\nset output " + PlotQuoted(path) +
         "\n";
}

}  // namespace llmdyno
