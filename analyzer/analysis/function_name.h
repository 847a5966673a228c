// SPDX-License-Identifier: Apache-2.0
// function_name.h: a demangled function name, taken apart and put together again in shorter forms.
//
//   void ns::Cart<int, std::allocator<int> >::Flush<char>(int) const [clone .part.0]
//   ^ return type    ^ parts: name and template arguments     ^ arguments, qualifiers, clone: not kept
//
// Understands what c++filt, LLVM's demangler (`'lambda'()`, `$_0`) and Rust's write. What it cannot take
// apart (Go's `main.(*T).Run`, damaged names) comes back unchanged.
#ifndef STRAY_ANALYZER_ANALYSIS_FUNCTION_NAME_H_
#define STRAY_ANALYZER_ANALYSIS_FUNCTION_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// One part of a qualified name. The views point into the text it was parsed from.
struct NamePart {
  absl::string_view name;       // "Cart", "operator()", "(anonymous namespace)", "{lambda(int)#1}"
  absl::string_view arguments;  // template arguments with their brackets, or empty
};

// The parts of a function or type name, outermost scope first. Empty if `name` cannot be taken apart.
std::vector<NamePart> ParseName(absl::string_view name);

struct NameStyle {
  bool template_arguments = true;
  bool anonymous_namespaces = true;
  bool lambda_numbers = true;
  size_t longest_arguments = 0;  // longer template argument lists become "<...>"; 0: no limit
};

// `name` in the given style. Always dropped: return type, function arguments, qualifiers, ABI tags, clone
// suffixes, default template arguments, inline namespaces of well-known libraries, operator() of a lambda,
// hashes of Rust.
std::string FormatName(absl::string_view name, const NameStyle& style);

// `name` without what compilers append to clones: " [clone .part.0]", ".cold", ".llvm.123", " (.isra.0)".
absl::string_view WithoutCloneSuffix(absl::string_view name);

// Where the text in front of a matching closing bracket ends: the position after the group that opens at
// `begin`, or npos if it is not closed.
size_t EndOfGroup(absl::string_view text, size_t begin);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_FUNCTION_NAME_H_
