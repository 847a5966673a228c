// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/finding_choice.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/report/page.h"
#include "analyzer/report/policy_text.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostListed = 20;

std::string ListOf(const std::vector<NumberedFinding>& all) {
  std::string text;
  for (const NumberedFinding& one : all) {
    if (one.number > kMostListed) {
      return absl::StrCat(text, "\n  .. and ", all.size() - kMostListed, " more");
    }
    const std::string number = one.number == 0 ? "-" : absl::StrCat(one.number);
    absl::StrAppend(&text, "\n  ", PadRight(number, 3), PadRight(one.finding->id, 18), "  ",
                    Printable(one.finding->title), one.finding->suppressed ? " (suppressed)" : "");
  }
  return text;
}

absl::Status NoSuch(const std::vector<NumberedFinding>& all, absl::string_view what) {
  if (all.empty()) return absl::NotFoundError("there are no findings to explain");
  return absl::NotFoundError(absl::StrCat(what, "; there ", all.size() == 1 ? "is" : "are", ListOf(all)));
}

// Those the report shows, by number, then the others.
std::vector<NumberedFinding> AllOf(const std::vector<Finding>& findings) {
  std::vector<NumberedFinding> all;
  const std::vector<const Finding*> shown = InReportOrder(findings);
  for (const Finding* finding : shown) all.push_back({finding, all.size() + 1, shown.size()});
  for (const Finding& finding : findings) {
    if (!IsShown(finding)) all.push_back({&finding, 0, shown.size()});
  }
  return all;
}

}  // namespace

absl::StatusOr<NumberedFinding> ChooseFinding(const std::vector<Finding>& findings, absl::string_view name) {
  const std::vector<NumberedFinding> all = AllOf(findings);
  const bool is_number = !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
  if (is_number) {
    size_t number = 0;
    const bool parsed = absl::SimpleAtoi(name, &number);
    for (const NumberedFinding& one : all) {
      if (parsed && number != 0 && one.number == number) return one;
    }
    return NoSuch(all, absl::StrCat("there is no finding ", name));
  }
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(name, absl::MaxSplits(':', 1));
  std::vector<NumberedFinding> named;
  for (const NumberedFinding& one : all) {
    if (one.finding->id == parts.first || one.finding->signature == name) named.push_back(one);
  }
  if (named.empty()) return NoSuch(all, absl::StrCat("there is no finding \"", Printable(name), "\""));
  size_t place = 1;
  if (name.find(':') != absl::string_view::npos && !absl::SimpleAtoi(parts.second, &place)) place = 0;
  const bool is_placed = name.find(':') != absl::string_view::npos;
  if (!is_placed && named.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat("there are ", named.size(), " findings \"", Printable(name),
                                                   "\": name one by its number, or as ", parts.first, ":1",
                                                   ListOf(named)));
  }
  if (place == 0 || place > named.size()) {
    return NoSuch(all, absl::StrCat("there is no finding \"", Printable(name), "\""));
  }
  return named[place - 1];
}

}  // namespace stray::analyzer
