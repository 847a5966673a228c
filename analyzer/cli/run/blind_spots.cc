// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/blind_spots.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/report/names.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExec = "exec";

void AddGap(ProcessModel& process, const std::string& text) {
  wire::Gap& gap = process.gaps.emplace_back();
  gap.set_kind("not_entered");
  gap.set_text(text);
}

// A shell that became the program it was to start has nothing to tell.
bool HasNothingToTell(const ProcessModel& process) {
  return process.misuses.empty() && process.lock_chains.empty() && process.losses.empty() &&
         process.gaps.empty();
}

void AddUnseenCommand(Model& model, pid_t child, const TargetBinary& target) {
  auto process = std::make_unique<ProcessModel>();
  process->process.set_pid(child);
  process->process.set_program(target.path);
  AddGap(*process, target.WhyNotEntered());
  process->Index();
  model.processes.insert(model.processes.begin(), std::move(process));
}

// An agent came up in the process after it left the mark.
bool IsWatched(const Model& model, const ExecMark& mark) {
  return std::any_of(model.processes.begin(), model.processes.end(), [&](const auto& process) {
    return process->process.pid() == mark.pid && process->process.start_ns() >= mark.time_ns;
  });
}

// Why no agent can come up in the program; "" if one can, and the process only ended too early for that.
std::string WhyUnwatched(const std::string& path) {
  const TargetBinary binary = InspectTarget(path);
  return binary.obstacle == Obstacle::kNone || binary.obstacle == Obstacle::kNotElf ? ""
                                                                                    : binary.WhyNotEntered();
}

}  // namespace

void MarkUnwatchedPrograms(Model& model, pid_t child, absl::Span<const ExecMark> marks) {
  std::map<std::string, std::vector<pid_t>> programs;  // by path
  for (const ExecMark& mark : marks) {
    if (mark.pid != child && !IsWatched(model, mark)) programs[mark.path].push_back(mark.pid);
  }
  for (const auto& [path, pids] : programs) {
    const std::string why = WhyUnwatched(path);
    if (why.empty() || model.processes.empty()) continue;
    const std::string what = pids.size() == 1 ? absl::StrCat("process ", pids[0])
                                              : absl::StrCat(pids.size(), " processes that it started");
    model.processes[0]->notes.emplace_back().set_text(absl::StrCat(what, " could not be watched: ", why));
  }
}

void MarkBlindSpots(Model& model, pid_t child, const TargetBinary& target) {
  // Of several boxes with one pid, the one that came up last tells what became of the process.
  std::map<pid_t, ProcessModel*> last;
  for (const std::unique_ptr<ProcessModel>& process : model.processes) {
    ProcessModel*& newest = last[process->process.pid()];
    if (newest == nullptr || newest->process.start_ns() <= process->process.start_ns()) newest = process.get();
  }
  for (const auto& [pid, process] : last) {
    if (process->process.state() != kExec) continue;
    constexpr const char* kWhat = " became another program, which the agent could not enter";
    const std::string program = ProgramName(*process);
    if (pid == child) {
      AddGap(*process, absl::StrCat(program, kWhat));
    } else {
      process->notes.emplace_back().set_text(absl::StrCat("it", kWhat));
    }
  }
  const auto is_superseded = [&](const std::unique_ptr<ProcessModel>& process) {
    return process->process.state() == kExec && last[process->process.pid()] != process.get() &&
           HasNothingToTell(*process);
  };
  std::erase_if(model.processes, is_superseded);
  if (!last.contains(child)) AddUnseenCommand(model, child, target);
}

}  // namespace stray::analyzer
