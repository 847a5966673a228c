// SPDX-License-Identifier: Apache-2.0
// quoted_text.h: text between quotes, as Go's tools write and read it.
#ifndef STRAY_ANALYZER_REPORT_QUOTED_TEXT_H_
#define STRAY_ANALYZER_REPORT_QUOTED_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// `text` in double quotes; quotes, backslashes, control characters and what is no UTF-8 are escaped.
std::string Quoted(absl::string_view text);

// The same, but without quotes where `text` is one plain word: letters, digits, and "_./-".
std::string QuotedIfNeeded(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_QUOTED_TEXT_H_
