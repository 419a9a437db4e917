#include "cli/plugin_crash.h"

#include <time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

#include "llmdyno/catalog/plugin_monitor.h"

namespace llmdyno {
namespace {

struct CrashTexts {
  std::string program;
  std::string records_file;
};

// What a handler reads is made beforehand and exchanged as a whole; former ones are few and stay.
std::atomic<const CrashTexts*> g_texts = nullptr;

std::atomic<bool> g_was_told = false;

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

const char* NameOf(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

// Only what may be called in a handler: write, nanosleep, raise.
void Say(const char* text) {
  if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

void SayWhoseFault(const PluginCall& call, int signal) {
  const CrashTexts* texts = g_texts.load();
  Say("\n");
  Say(texts != nullptr ? texts->program.c_str() : "llmdyno");
  Say(": plugin '");
  Say(call.plugin);
  Say("' (");
  Say(call.file);
  Say(") crashed (");
  Say(NameOf(signal));
  Say(") in ");
  Say(call.function);
  if (texts != nullptr && !texts->records_file.empty()) {
    Say("; the records so far are in ");
    Say(texts->records_file.c_str());
    Say(" (llmdyno-report show prints them)");
  }
  Say("\n");
}

// By now the signal's action is the default one (SA_RESETHAND), so that raising it ends the process as the
// crash alone would have.
void OnCrash(int signal) {
  if (const PluginCall call = CurrentPluginCall(); call.function != nullptr) {
    g_was_told = true;
    SayWhoseFault(call, signal);
    // The threads that write files go on meanwhile; each writes at least twice a second.
    const timespec until_written{1, 200'000'000};
    ::nanosleep(&until_written, nullptr);
  }
  ::raise(signal);
}

}  // namespace

bool CrashWasTold() { return g_was_told; }

void SetCrashTexts(const std::string& program, const std::string& records_file) {
  g_texts = new CrashTexts{program, records_file};
}

void TellOfCrashesInPlugins() {
  // A stack that overflowed has no room for a handler.
  static char stack[64 * 1024];
  stack_t alternate{};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  sigaltstack(&alternate, nullptr);
  for (const int signal : kSignals) {
    struct sigaction action {};
    action.sa_handler = &OnCrash;
    sigemptyset(&action.sa_mask);
    action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace llmdyno
