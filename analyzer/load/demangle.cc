// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/demangle.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "llvm/Demangle/Demangle.h"

namespace stray::analyzer {
namespace {

// Rust's older mangling is C++'s with a hash at the end: "...17h0123456789abcdefE".
bool IsLegacyRust(absl::string_view mangled) {
  size_t begin = mangled.rfind("17h");
  if (begin == absl::string_view::npos) return false;
  absl::string_view hash = mangled.substr(begin + 3, 17);
  return hash.size() == 17 && hash.back() == 'E' &&
         std::all_of(hash.begin(), hash.end() - 1, [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

// What C++ names cannot hold stands in it as "$LT$".
std::string UnescapeRust(absl::string_view name) {
  static const auto* const kEscapes = new std::vector<std::pair<absl::string_view, absl::string_view>>{
      {"::_$", "::$"}, {"$LT$", "<"},  {"$GT$", ">"},  {"$RF$", "&"},  {"$BP$", "*"},  {"$LP$", "("},
      {"$RP$", ")"},   {"$C$", ","},   {"$SP$", "@"},  {"$u20$", " "}, {"$u27$", "'"}, {"$u5b$", "["},
      {"$u5d$", "]"},  {"$u7b$", "{"}, {"$u7d$", "}"}, {"$u7e$", "~"}, {"..", "::"},
  };
  // Twice: the first escape makes room for those behind it.
  std::string plain = absl::StrReplaceAll(absl::StrReplaceAll(name, {kEscapes->front()}), *kEscapes);
  return absl::StartsWith(plain, "_<") ? plain.substr(1) : plain;
}

}  // namespace

bool IsMangled(absl::string_view name) { return absl::StartsWith(name, "_Z") || absl::StartsWith(name, "_R"); }

std::string Demangle(absl::string_view name) {
  std::string demangled = llvm::demangle(std::string(name));
  // "Cart::Flush() (.part.0)": which part of a function it is only matters to the compiler.
  size_t clone = IsMangled(name) ? demangled.find(" (.") : std::string::npos;
  if (clone != std::string::npos) demangled.resize(clone);
  return IsLegacyRust(name) ? UnescapeRust(demangled) : demangled;
}

}  // namespace stray::analyzer
