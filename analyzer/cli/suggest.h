// SPDX-License-Identifier: Apache-2.0
// suggest.h: the right word for a mistyped one.
#ifndef STRAY_ANALYZER_CLI_SUGGEST_H_
#define STRAY_ANALYZER_CLI_SUGGEST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace stray::analyzer {

// The word of `known` that differs least from `word`, or "" if none is near enough to be meant.
std::string NearestWord(absl::string_view word, absl::Span<const std::string> known);

// "; did you mean \"leak.blocked\"?", or "".
std::string DidYouMean(absl::string_view word, absl::Span<const std::string> known);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SUGGEST_H_
