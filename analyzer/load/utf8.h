// SPDX-License-Identifier: Apache-2.0
// utf8.h: text from a target, made fit for a dump.
//
// Names, paths and arguments are bytes to the kernel; a dump, JSON and HTML want UTF-8.
#ifndef STRAY_ANALYZER_LOAD_UTF8_H_
#define STRAY_ANALYZER_LOAD_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// True if all of `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool IsUtf8(absl::string_view text);

// `text` with each byte that is not part of a well-formed character replaced by U+FFFD.
std::string ToUtf8(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_UTF8_H_
