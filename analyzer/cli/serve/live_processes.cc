// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/live_processes.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/refine.h"
#include "analyzer/cli/run/read_box.h"
#include "analyzer/cli/run/sample.h"

namespace stray::analyzer {

std::vector<BoxView> LiveProcesses::Running() const {
  std::vector<BoxView> boxes = find_();
  boxes.erase(std::remove_if(boxes.begin(), boxes.end(),
                             [](const BoxView& box) { return box.IsStarting() || !box.IsAlive(); }),
              boxes.end());
  std::sort(boxes.begin(), boxes.end(), [this](const BoxView& a, const BoxView& b) {
    return std::make_tuple(a.pid() != first_, a.header().start_ns, a.pid()) <
           std::make_tuple(b.pid() != first_, b.header().start_ns, b.pid());
  });
  return boxes;
}

absl::StatusOr<BoxView> LiveProcesses::Choose(absl::string_view pid) const {
  pid_t wanted = 0;
  if (!pid.empty() && !absl::SimpleAtoi(pid, &wanted)) {
    return absl::InvalidArgumentError(absl::StrCat("pid: \"", pid, "\" is no number"));
  }
  for (BoxView& box : Running()) {
    if (pid.empty() || box.pid() == wanted) return std::move(box);
  }
  if (pid.empty()) return absl::NotFoundError("no process runs under stray at this moment");
  return absl::NotFoundError(absl::StrCat("there is no process ", wanted, " under this stray"));
}

absl::StatusOr<Model> LiveProcesses::Snapshot(const BoxView& box, bool wants_proof) {
  Model model;
  const absl::Status taken = SampleProcess(box, wants_proof, model);
  if (!taken.ok()) return taken;
  for (const std::unique_ptr<ProcessModel>& process : model.processes) {
    symbolizer_.Symbolize(*process);
    RefineWaitReasons(*process);
  }
  return model;
}

absl::StatusOr<std::vector<std::string>> LiveProcesses::FunctionsAt(const BoxView& box,
                                                                    const std::vector<uint64_t>& addresses) {
  std::vector<std::string> damage;
  absl::StatusOr<std::unique_ptr<ProcessModel>> process =
      ReadBox(box, absl::StrCat("process ", box.pid()), true, damage);
  if (!process.ok()) return process.status();
  ProcessModel only_modules;
  only_modules.process = (*process)->process;
  only_modules.modules = (*process)->modules;
  wire::Stack& stack = only_modules.stacks.emplace_back();
  stack.set_id(1);
  stack.set_first_is_exact(true);
  // One stack, in which all but the first are return addresses: those lie one byte behind.
  for (const uint64_t address : addresses)
    stack.add_addresses(stack.addresses().empty() ? address : address + 1);
  symbolizer_.Symbolize(only_modules);
  std::vector<std::string> names;
  for (const uint64_t address : stack.addresses()) {
    const std::vector<FrameView> frames = ExpandFrames(only_modules, {&address, 1});
    auto shown = std::find_if(frames.begin(), frames.end(),
                              [](const FrameView& frame) { return frame.role == FrameRole::kUser; });
    if (shown == frames.end()) shown = frames.begin();
    const bool is_known = shown != frames.end() && shown->location != nullptr;
    names.push_back(is_known ? DisplayName(*shown) : "");
  }
  return names;
}

}  // namespace stray::analyzer
