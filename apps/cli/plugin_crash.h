// When a plugin brings the process down, a person should read whose fault it was. A crash anywhere else is
// left to the system as if nothing had been installed.
#pragma once

#include <string>

namespace llmdyno {

// Installs handlers of SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT that, inside of a call into a plugin,
// write one sentence, give the writers of files time to finish, and let the signal do what it does by
// default.
void TellOfCrashesInPlugins();

// Whether a sentence about a crash was written: the call never returns, and nobody need say so again.
bool CrashWasTold();

// What the sentence names. Not from inside a handler; calls must not overlap.
void SetCrashTexts(const std::string& program, const std::string& records_file);

}  // namespace llmdyno
