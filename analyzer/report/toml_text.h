// SPDX-License-Identifier: Apache-2.0
// toml_text.h: TOML, read with the line of each key, from files that may be anything.
//
// toml++ 3.3 has undefined behaviour where it looks whether certain characters beyond ASCII are spaces, in any
// place but a plain string. So it never sees one: in strings in double quotes they become escapes, in comments
// they do not matter, and elsewhere they are errors (TOML allows them in strings in single quotes; we do not).
// Nor does it look at all that it assumes before it relies on it: its assumptions are put off.
#ifndef STRAY_ANALYZER_REPORT_TOML_TEXT_H_
#define STRAY_ANALYZER_REPORT_TOML_TEXT_H_

// clang-format off
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_ASSERT_ASSUME(condition) static_assert(true)
#include <toml++/toml.h>
// clang-format on

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

// kInvalidArgument, with `name` and line, for what is no TOML.
absl::StatusOr<toml::table> ParseToml(absl::string_view text, absl::string_view name);

// `text` as toml++ may see it: ASCII, with the same meaning and lines.
absl::StatusOr<std::string> AsciiToml(absl::string_view text, absl::string_view name);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TOML_TEXT_H_
