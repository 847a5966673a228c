// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/quoted_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {

std::string Quoted(absl::string_view text) {
  // Backslashes first: those that Printable() adds are escapes.
  return absl::StrCat("\"", Printable(absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}})), "\"");
}

std::string QuotedIfNeeded(absl::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("_./-").find(c) != absl::string_view::npos;
  });
  return plain ? std::string(text) : Quoted(text);
}

}  // namespace stray::analyzer
