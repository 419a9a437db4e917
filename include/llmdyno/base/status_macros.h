// For .cc files: pass a failed Status up.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define LLMDYNO_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status llmdyno_status = (expression); !llmdyno_status.ok()) { \
      return llmdyno_status;                                                \
    }                                                                       \
  } while (false)

#define LLMDYNO_CONCAT_INNER(a, b) a##b
#define LLMDYNO_CONCAT(a, b) LLMDYNO_CONCAT_INNER(a, b)
#define LLMDYNO_ASSIGN_OR_RETURN(declaration, expression) \
  LLMDYNO_ASSIGN_OR_RETURN_IMPL(LLMDYNO_CONCAT(llmdyno_status_or_, __LINE__), declaration, expression)
// A declaration cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define LLMDYNO_ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                          \
  if (!result.ok()) return std::move(result).status();                 \
  declaration = std::move(result).value()
// NOLINTEND(bugprone-macro-parentheses)
