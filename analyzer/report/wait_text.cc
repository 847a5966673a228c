// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/wait_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/fate.h"
#include "analyzer/report/stack_text.h"
#include "analyzer/report/use_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxHeld = 6;
constexpr size_t kChainFrames = 3;
constexpr size_t kMaxHolders = 3;

std::string TakenAt(const ProcessModel& process, const wire::Site& site) {
  EvidenceStack stack;
  if (const wire::Stack* record = process.FindStack(site.stack()); record != nullptr) {
    stack.addresses.assign(record->addresses().begin(), record->addresses().end());
  } else if (site.address() != 0) {
    stack.addresses = {site.address()};
  }
  return stack.addresses.empty() ? "" : absl::StrCat(", taken at ", StackChain(process, stack, kChainFrames));
}

std::string NameOrItself(const ProcessModel& process, uint32_t task, uint32_t self) {
  return task == self ? "itself" : TaskLabel(process, task);
}

std::string EndedText(const ProcessModel& process, uint32_t task) {
  const std::string ended = EndedClause(process, SnapshotToJudge(process), task);
  return ended.empty() ? "" : absl::StrCat(", which ", ended);
}

struct Holders {
  std::vector<uint32_t> tasks;
  bool read = false;
};

Holders HoldersOf(const TaskBlockContext& context, uint32_t object) {
  Holders holders;
  const SnapshotModel* snapshot = context.process.LastSnapshot();
  for (const LockHolders::Holder& holder : context.holders.HoldersOf(object)) {
    holders.tasks.push_back(snapshot->tasks[holder.index].task());
    holders.read = holders.read || holder.read;
  }
  return holders;
}

// Who keeps the task from the lock that it wants: the one the finding names, or else the holders.
std::string KeeperText(const TaskBlockContext& context, const EvidenceTask& task) {
  const ProcessModel& process = context.process;
  const uint32_t keeper = task.waits_for_task;
  const Holders holders = IsWaiting(task) ? HoldersOf(context, task.object) : Holders();
  if (keeper != 0) {
    const bool holds = std::find(holders.tasks.begin(), holders.tasks.end(), keeper) != holders.tasks.end();
    // A reader that waits for one that does not hold the rwlock has a waiting writer before it.
    const bool is_queue = !holders.tasks.empty() && !holds;
    return absl::StrCat(is_queue ? ", behind " : ", held by ", NameOrItself(process, keeper, task.task),
                        EndedText(process, keeper));
  }
  if (!holders.tasks.empty()) {
    return absl::StrCat(", held ", holders.read ? "for reading " : "", "by ",
                        holders.tasks.size() == 1 ? NameOrItself(process, holders.tasks.front(), task.task)
                                                  : TaskList(process, holders.tasks, kMaxHolders));
  }
  const LockHolders::Ended ended =
      IsWaiting(task) ? context.holders.EndedHolder(task.object) : LockHolders::Ended();
  return ended.task == 0 ? ""
                         : absl::StrCat(", held by ", TaskLabel(process, ended.task),
                                        EndedText(process, ended.task), TakenAt(process, ended.site));
}

// Tasks of one group stand at the same place, but not always before the same object.
std::string OthersText(const TaskGroup& group) {
  absl::flat_hash_set<uint32_t> objects;
  for (const EvidenceTask& task : group.tasks) objects.insert(task.object);
  return objects.size() == 1 ? ""
                             : absl::StrCat("; the others on ", Counted(objects.size() - 1, "more object"));
}

}  // namespace

void WriteHeld(TaskBlockContext& context, const EvidenceTask& task) {
  const size_t shown = std::min(task.held.size(), kMaxHeld);
  for (size_t i = 0; i < shown; ++i) {
    const EvidenceHeld& held = task.held[i];
    WriteLabelled(context, i == 0 ? "holds" : "",
                  absl::StrCat(IntroduceObject(context, held.object), held.read ? " for reading" : "",
                               TakenAt(context.process, held.site)));
  }
  if (shown < task.held.size())
    WriteLabelled(context, "", absl::StrCat("and ", task.held.size() - shown, " more"));
}

namespace {

void WritePeers(TaskBlockContext& context, absl::string_view wait_reason, uint32_t object) {
  const std::string peers = PeersText(context.process, context.peers, wait_reason, object);
  if (!peers.empty()) WriteLabelled(context, "", peers);
}

void WriteCases(TaskBlockContext& context, const EvidenceTask& task) {
  for (size_t i = 0; i < task.cases.size(); ++i) {
    const EvidenceCase& one = task.cases[i];
    WriteLabelled(context, i == 0 ? "waits" : "",
                  absl::StrCat(i == 0 ? "to " : "or to ", one.sends ? "send on " : "receive from ",
                               IntroduceObject(context, one.object)));
    WritePeers(context, one.sends ? "chan send" : "chan receive", one.object);
  }
}

}  // namespace

void WriteWanted(TaskBlockContext& context, const TaskGroup& group) {
  const EvidenceTask& task = group.tasks.front();
  const wire::Object* object = context.process.FindObject(task.object);
  const bool is_join = object == nullptr || object->kind() == "join";
  if (is_join && task.waits_for_task != 0) {
    WriteLabelled(context, "waits",
                  absl::StrCat("for ", NameOrItself(context.process, task.waits_for_task, task.task), " to end",
                               OthersText(group)));
    return;
  }
  if (object == nullptr) return WriteCases(context, task);
  const bool is_order = std::any_of(task.stacks.begin(), task.stacks.end(),
                                    [](const EvidenceStack& stack) { return stack.role == "wanted"; });
  if (IsLockKind(object->kind()) && (is_order || IsWaiting(task))) {
    WriteLabelled(
        context, is_order ? "takes" : "wants",
        absl::StrCat(IntroduceObject(context, task.object), KeeperText(context, task), OthersText(group)));
  } else if (IsWaiting(task)) {
    const std::string keeper =
        task.waits_for_task == 0
            ? ""
            : absl::StrCat(", which only ", NameOrItself(context.process, task.waits_for_task, task.task),
                           " can end", EndedText(context.process, task.waits_for_task));
    WriteLabelled(context, "waits",
                  absl::StrCat("on ", IntroduceObject(context, task.object), keeper, OthersText(group)));
    WritePeers(context, task.wait_reason, task.object);
  } else {
    WriteLabelled(context, "used", IntroduceObject(context, task.object));
  }
}

}  // namespace stray::analyzer
