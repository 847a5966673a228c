// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/suppression_rule.h"

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/report/suppression_match.h"
#include "analyzer/report/suppressions.h"

namespace stray::analyzer {
namespace {

constexpr char kReason[] = "  # why: ";

// `name` as a glob that matches it and nothing else, but for what a rule cannot hold: quotes and control
// characters become "?".
std::string GlobOf(absl::string_view name) {
  constexpr absl::string_view kSpecial = "*?[]\\";
  std::string glob;
  for (const char c : name) {
    const bool holds = c != '"' && !absl::ascii_iscntrl(static_cast<unsigned char>(c));
    if (kSpecial.find(c) != absl::string_view::npos) glob.push_back('\\');
    glob.push_back(holds ? c : '?');
  }
  return glob;
}

std::string Part(absl::string_view key, const std::string& name) {
  if (name.empty()) return "";
  const std::string glob = GlobOf(name);
  const bool needs_quotes = glob.find_first_of(" #") != std::string::npos;
  return absl::StrCat(" ", key, "=", needs_quotes ? "\"" : "", glob, needs_quotes ? "\"" : "");
}

// The innermost user function of the first stack of the first task that is, or is not, of its creation.
std::string FunctionOf(const Finding& finding, bool created) {
  for (const TaskGroup& group : finding.groups) {
    if (group.tasks.empty()) continue;
    for (const EvidenceStack& stack : group.tasks.front().stacks) {
      if ((stack.role == "created") != created || stack.role == "ancestor") continue;
      const std::optional<FrameView> frame = TopUserFrame(*finding.process, stack.addresses);
      if (frame.has_value()) return DisplayName(*frame);
    }
  }
  return "";
}

bool IsAccepted(const std::string& line, const Finding& finding) {
  const absl::StatusOr<Suppressions> rules = Suppressions::Parse(absl::StrCat(line, "-"), "rule");
  return rules.ok() && rules->rules().size() == 1 && Matches(rules->rules().front(), finding);
}

}  // namespace

std::string RuleFor(const Finding& finding) {
  if (finding.process == nullptr) return "";
  const std::string function = Part("function", FunctionOf(finding, false));
  const std::string created = Part("created", FunctionOf(finding, true));
  for (const std::string& parts : {absl::StrCat(function, created), function, created, std::string()}) {
    std::string line = absl::StrCat(finding.id, parts, kReason);
    if (IsAccepted(line, finding)) return line;
  }
  return "";
}

}  // namespace stray::analyzer
