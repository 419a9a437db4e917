#include "llmdyno/base/secret.h"

#include <ostream>

namespace llmdyno {

std::string ToString(const Secret& secret) { return secret.empty() ? "" : "[redacted]"; }

std::ostream& operator<<(std::ostream& out, const Secret& secret) { return out << ToString(secret); }

}  // namespace llmdyno
