// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/signature.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {
namespace {

uint64_t Fnv1a(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string TaskText(const ProcessModel& process, const EvidenceTask& task) {
  std::vector<std::string> parts = {task.wait_reason};
  for (const EvidenceStack& stack : task.stacks) {
    // Where a running task happens to be says nothing about the problem.
    if (stack.role == "running") continue;
    const auto frame = TopUserFrame(process, stack.addresses);
    parts.push_back(absl::StrCat(stack.role, "=", frame.has_value() ? FunctionKey(*frame) : "?"));
  }
  return absl::StrJoin(parts, " ");
}

}  // namespace

std::string SignatureText(const Finding& finding) {
  std::vector<std::string> groups;
  for (const TaskGroup& group : finding.groups) {
    groups.push_back(TaskText(*finding.process, group.tasks.front()));
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return absl::StrCat(finding.id, "; ", absl::StrJoin(groups, "; "));
}

std::string Signature(const Finding& finding) {
  return absl::StrCat(finding.id, "-", absl::StrFormat("%016x", Fnv1a(SignatureText(finding))));
}

}  // namespace stray::analyzer
