// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_stack.h"

#include <algorithm>
#include <iterator>

namespace stray::analyzer {

EvidenceStack TaskStack(const ProcessModel& process, const wire::TaskState& state) {
  EvidenceStack stack;
  stack.role = state.state() == "blocked" ? "blocked" : "running";
  const wire::Stack* record = process.FindStack(state.stack());
  if (record == nullptr) record = process.FindStack(state.site().stack());
  if (record != nullptr) {
    stack.addresses.assign(record->addresses().begin(), record->addresses().end());
    stack.first_is_exact = record->first_is_exact();
    stack.cut = record->cut();
  } else if (state.site().address() != 0) {
    stack.addresses = {state.site().address()};
  } else {
    stack.missing = state.state() == "blocked";
  }
  return stack;
}

std::vector<FrameView> FramesToShow(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  std::vector<FrameView> all = ExpandFrames(process, addresses);
  all.erase(std::remove_if(all.begin(), all.end(),
                           [](const FrameView& view) { return view.role == FrameRole::kAgent; }),
            all.end());
  const auto is_user = [](const FrameView& view) { return view.role == FrameRole::kUser; };
  const auto first = std::find_if(all.begin(), all.end(), is_user);
  if (first == all.end()) return all;
  const auto last = std::find_if(all.rbegin(), all.rend(), is_user).base();
  return {first, last};
}

}  // namespace stray::analyzer
