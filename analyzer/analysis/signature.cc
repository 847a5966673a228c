// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/signature.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostFunctions = 3;
constexpr size_t kMostOfCreation = 2;

uint64_t Fnv1a(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// Main, or what a thread was given to run. Their last act is a call, most often, so that an optimized build has
// no frame of theirs; and where a task comes from, its creation tells.
bool IsOutermost(absl::string_view name) { return name == "main" || absl::EndsWith(name, "{lambda}"); }

// "Ledger::Append < Cart::Flush": the innermost user functions.
std::string Functions(const ProcessModel& process, const EvidenceStack& stack) {
  const size_t most = stack.role == "created" || stack.role == "ancestor" ? kMostOfCreation : kMostFunctions;
  std::vector<std::string> names = StableFunctions(process, stack);
  if (names.size() > most) names.resize(most);
  if (!names.empty()) return absl::StrJoin(names, " < ");
  const auto frame = TopUserFrame(process, stack.addresses);
  return frame.has_value() ? FunctionKey(*frame) : "?";
}

std::string SiteText(const ProcessModel& process, const EvidenceTask& task) {
  std::vector<std::string> parts;
  if (!task.wait_reason.empty()) parts.push_back(task.wait_reason);
  for (const EvidenceStack& stack : task.stacks) {
    // Where a running task happens to be says nothing about the problem.
    if (stack.role == "running") continue;
    parts.push_back(absl::StrCat(stack.role, " at ", Functions(process, stack)));
  }
  return absl::StrJoin(parts, ", ");
}

// What lies where a race is: the variable, or what the program had allocated.
std::string MemoryText(const ProcessModel& process, const wire::MemoryPlace& place) {
  if (!place.name().empty()) return absl::StrCat(place.kind(), " ", DisplayName(place.name()));
  const wire::Stack* record = process.FindStack(place.stack());
  if (record == nullptr) return place.kind();
  EvidenceStack stack;
  stack.role = "created";
  stack.addresses.assign(record->addresses().begin(), record->addresses().end());
  return absl::StrCat(place.kind(), " made at ", Functions(process, stack));
}

}  // namespace

std::vector<std::string> StableFunctions(const ProcessModel& process, const EvidenceStack& stack) {
  std::vector<std::string> names;
  for (const FrameView& frame : ExpandFrames(process, stack.addresses)) {
    if (frame.role != FrameRole::kUser) continue;
    std::string name = FunctionKey(frame);
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  while (names.size() > 1 && IsOutermost(names.back())) names.pop_back();
  return names;
}

std::vector<std::string> SignatureSites(const Finding& finding) {
  std::vector<std::string> sites;
  for (const TaskGroup& group : finding.groups)
    sites.push_back(SiteText(*finding.process, group.tasks.front()));
  if (finding.reported.has_value() && finding.reported->shown != nullptr) {
    for (const wire::MemoryPlace& place : finding.reported->shown->places())
      sites.push_back(MemoryText(*finding.process, place));
  }
  std::sort(sites.begin(), sites.end());
  sites.erase(std::unique(sites.begin(), sites.end()), sites.end());
  sites.erase(std::remove(sites.begin(), sites.end(), ""), sites.end());
  return sites;
}

std::string SignatureText(const Finding& finding) {
  return absl::StrCat(finding.id, finding.kind.empty() ? "" : " ", finding.kind, "; ",
                      absl::StrJoin(SignatureSites(finding), "; "));
}

std::string Signature(const Finding& finding) {
  return absl::StrCat(finding.id, "-", absl::StrFormat("%016x", Fnv1a(SignatureText(finding))));
}

}  // namespace stray::analyzer
