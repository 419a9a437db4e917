// For .cc files: pass a failed Status up. The macros begin with LLMDYNO_, so that they meet nobody else's. No
// public header of ours uses them. They touch nothing but their arguments: fit for any thread.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Leaves the function with the expression's absl::Status unless that is OK.
#define LLMDYNO_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status llmdyno_status = (expression); !llmdyno_status.ok()) { \
      return llmdyno_status;                                                \
    }                                                                       \
  } while (false)

// For the macros below.
#define LLMDYNO_CONCAT_INNER(a, b) a##b
// For the macros below.
#define LLMDYNO_CONCAT(a, b) LLMDYNO_CONCAT_INNER(a, b)
// Evaluates an absl::StatusOr once; leaves the function with its status when it holds no value, else moves
// the value into `declaration`, which may declare a variable. Two statements: not behind an `if` without
// braces.
#define LLMDYNO_ASSIGN_OR_RETURN(declaration, expression) \
  LLMDYNO_ASSIGN_OR_RETURN_IMPL(LLMDYNO_CONCAT(llmdyno_status_or_, __LINE__), declaration, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.

// For the macro above.
#define LLMDYNO_ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                          \
  if (!result.ok()) return std::move(result).status();                 \
  declaration = std::move(result).value()
// NOLINTEND(bugprone-macro-parentheses)
