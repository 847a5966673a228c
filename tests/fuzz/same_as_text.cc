// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/same_as_text.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/load/load.h"

namespace stray::test {
namespace {

std::string TextOf(const analyzer::Model& model) {
  std::ostringstream out;
  if (!analyzer::WriteText(model, out).ok()) std::abort();
  return out.str();
}

[[noreturn]] void Fail(const std::string& what, const std::string& text) {
  std::fprintf(stderr, "%s\n%s\n", what.c_str(), text.c_str());
  std::abort();
}

}  // namespace

void CheckSameAsText(analyzer::Model model) {
  model.damage.clear();  // would come back as notes
  const std::string text = TextOf(model);
  const auto copy = analyzer::ReadText(text, "text");
  if (!copy.ok()) Fail(absl::StrCat("cannot be read again: ", copy.status().message()), text);
  if (!copy->damage.empty()) Fail(copy->damage.front(), text);
  if (TextOf(*copy) != text) Fail("differs after the way through text", text);
}

}  // namespace stray::test
