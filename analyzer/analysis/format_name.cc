// SPDX-License-Identifier: Apache-2.0
// format_name.cc: the parts of a name put together again, shorter.
#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/function_name.h"

namespace stray::analyzer {
namespace {

// Templates in templates beyond this are not worth reading; also bounds the recursion.
constexpr int kDeepestNesting = 24;

std::string FormatNested(absl::string_view name, const NameStyle& style, int depth);

bool IsAnonymous(absl::string_view name) { return name == "(anonymous namespace)" || name == "{anonymous}"; }

// Inline namespaces that carry a library's version or ABI; readers do not write them.
bool IsInlineNamespace(absl::string_view outer, absl::string_view name) {
  if (outer == "absl") return absl::StartsWith(name, "lts_") || absl::StartsWith(name, "debian");
  if (outer != "std" && outer != "chrono" && outer != "filesystem" && outer != "__gnu_cxx") return false;
  return name == "__cxx11" || name == "_V2" || name == "__ndk1" || name == "__fs" ||
         (name.size() == 3 && absl::StartsWith(name, "__") && absl::ascii_isdigit(name[2]));
}

bool IsRustHash(absl::string_view name) {
  return name.size() == 17 && name[0] == 'h' &&
         std::all_of(name.begin() + 1, name.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

// The number in 'lambda0' or $_0, counted from 1 as in {lambda()#1}: "" is the first, "0" the second in
// LLVM's words; `$_0` is the first.
std::string Numbered(absl::string_view what, absl::string_view digits, uint64_t first, const NameStyle& style) {
  uint64_t number = 0;
  if (!digits.empty() && !absl::SimpleAtoi(digits, &number)) return absl::StrCat("{", what, "}");
  if (!style.lambda_numbers) return absl::StrCat("{", what, "}");
  return absl::StrCat("{", what, "#", digits.empty() ? 1 : number + first, "}");
}

// "{lambda#1}" for every way to write a lambda, "{unnamed#1}" for unnamed types; else "".
std::string UnnamedThing(absl::string_view name, const NameStyle& style) {
  if (absl::ConsumePrefix(&name, "$_")) return Numbered("lambda", name, 1, style);
  if (name.size() > 2 && name.front() == '\'') {
    absl::string_view word = name.substr(1, name.size() - 2);
    if (absl::ConsumePrefix(&word, "lambda")) return Numbered("lambda", word, 2, style);
    if (absl::ConsumePrefix(&word, "unnamed")) return Numbered("unnamed", word, 2, style);
    return "";
  }
  if (absl::StartsWith(name, "<lambda")) return "{lambda}";
  if (name.empty() || name.front() != '{') return "";
  absl::string_view number = name.substr(std::min(name.rfind('#'), name.size()));
  if (!style.lambda_numbers) number = "";
  absl::ConsumeSuffix(&number, "}");
  if (absl::StartsWith(name, "{lambda")) return absl::StrCat("{lambda", number, "}");
  if (absl::StartsWith(name, "{unnamed")) return absl::StrCat("{unnamed", number, "}");
  if (absl::StartsWith(name, "{closure")) return absl::StrCat("{closure", number, "}");
  if (name == "{{closure}}") return "{closure}";
  return "";
}

std::vector<absl::string_view> SplitArguments(absl::string_view list) {
  std::vector<absl::string_view> arguments;
  size_t begin = 0;
  for (size_t i = 0; i <= list.size(); ++i) {
    if (i == list.size() || list[i] == ',') {
      arguments.push_back(absl::StripAsciiWhitespace(list.substr(begin, i - begin)));
      begin = i + 1;
    } else if (list[i] == '<' || list[i] == '(' || list[i] == '{' || list[i] == '[') {
      size_t end = EndOfGroup(list, i);
      if (end != absl::string_view::npos) i = end - 1;
    }
  }
  return arguments;
}

bool IsDefaultArgument(absl::string_view argument) {
  constexpr std::array<absl::string_view, 6> kDefaults = {"std::allocator<",      "std::char_traits<",
                                                          "std::default_delete<", "std::less<",
                                                          "std::hash<",           "std::equal_to<"};
  return std::any_of(kDefaults.begin(), kDefaults.end(),
                     [&](absl::string_view text) { return absl::StartsWith(argument, text); });
}

// True if the parameters that open at `open` belong to an enclosing function: "main()::Local".
bool IsScope(absl::string_view text, size_t open, size_t* end) {
  *end = EndOfGroup(text, open);
  if (*end == absl::string_view::npos) return false;
  absl::string_view rest = text.substr(*end);
  if (absl::StartsWith(rest, " const::")) *end += absl::string_view(" const").size();
  return absl::StartsWith(text.substr(*end), "::");
}

// The end of the qualified name that begins at `begin` in a type.
size_t EndOfTypeName(absl::string_view text, size_t begin) {
  size_t i = begin;
  while (i < text.size()) {
    char c = text[i];
    size_t end = 0;
    if (c == '<' || c == '{' || absl::StartsWith(text.substr(i), "(anonymous namespace)")) {
      end = EndOfGroup(text, i);
      if (end == absl::string_view::npos) return text.size();
    } else if (c == '(') {
      if (i == begin) break;
      if (!IsScope(text, i, &end) && text[i - 1] != '\'') break;  // 'lambda'(int) is a name with its parameters
    } else if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               absl::StrContains("_:$'", absl::string_view(&text[i], 1))) {
      end = i + 1;
    } else {
      break;
    }
    i = end;
  }
  return i;
}

// A type or value as it stands in template arguments, with every name in it shortened.
std::string FormatType(absl::string_view type, const NameStyle& style, int depth) {
  std::string result;
  for (size_t i = 0; i < type.size();) {
    size_t end = EndOfTypeName(type, i);
    if (end > i) {
      absl::StrAppend(&result, FormatNested(type.substr(i, end - i), style, depth));
      i = end;
    } else {
      result.push_back(type[i++]);
    }
  }
  return result;
}

// "<int>" from "<int, std::allocator<int> >".
std::string FormatArguments(absl::string_view list, const NameStyle& style, int depth) {
  if (depth >= kDeepestNesting || list.size() < 2) return "<...>";
  std::vector<absl::string_view> raw = SplitArguments(list.substr(1, list.size() - 2));
  std::vector<std::string> arguments;
  for (absl::string_view argument : raw) arguments.push_back(FormatType(argument, style, depth + 1));
  while (arguments.size() > 1 && IsDefaultArgument(arguments.back())) arguments.pop_back();
  std::string result = "<";
  for (size_t i = 0; i < arguments.size(); ++i) absl::StrAppend(&result, i == 0 ? "" : ", ", arguments[i]);
  result.push_back('>');
  if (style.longest_arguments != 0 && result.size() > style.longest_arguments) return "<...>";
  return result;
}

// basic_string<char, ...> is string to everybody.
std::string FormatPart(const NamePart& part, const NameStyle& style, int depth) {
  std::string unnamed = UnnamedThing(part.name, style);
  if (!unnamed.empty()) return unnamed;
  absl::string_view name = part.name;
  if (part.arguments.empty() || !style.template_arguments) return std::string(name);
  std::string arguments = FormatArguments(part.arguments, style, depth);
  if (arguments == "<char>" && absl::ConsumePrefix(&name, "basic_")) return std::string(name);
  return absl::StrCat(name, arguments);
}

std::string FormatNested(absl::string_view name, const NameStyle& style, int depth) {
  std::vector<NamePart> parts = ParseName(name);
  if (parts.empty()) return std::string(name);
  if (parts.size() > 1 && IsRustHash(parts.back().name)) parts.pop_back();
  std::string result;
  absl::string_view outer;
  bool in_lambda = false;
  for (const NamePart& part : parts) {
    if (IsInlineNamespace(outer, part.name)) continue;
    outer = part.name;
    if (IsAnonymous(part.name) && !style.anonymous_namespaces && parts.size() > 1) continue;
    // What calls a lambda: its operator, and the function it converts to (GCC's and clang's name).
    if (in_lambda && (part.name == "operator()" || part.name == "_FUN" || part.name == "__invoke")) continue;
    if (!result.empty() && absl::StartsWith(part.name, "<")) {  // Rust writes wait::<Guard>
      if (style.template_arguments) absl::StrAppend(&result, FormatArguments(part.name, style, depth));
      continue;
    }
    std::string text = FormatPart(part, style, depth);
    in_lambda = absl::StartsWith(text, "{lambda");
    absl::StrAppend(&result, result.empty() ? "" : "::", text);
  }
  return result.empty() ? std::string(name) : result;
}

}  // namespace

std::string FormatName(absl::string_view name, const NameStyle& style) { return FormatNested(name, style, 0); }

}  // namespace stray::analyzer
