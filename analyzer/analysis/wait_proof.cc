// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wait_proof.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/explain.h"
#include "analyzer/analysis/fate.h"
#include "analyzer/analysis/peers.h"
#include "analyzer/analysis/wait_conclusion.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;

constexpr size_t kMostSteps = 40;
constexpr size_t kMostDrawn = 30;  // consequences
constexpr size_t kMostGroups = 8;  // of tasks alike that are left, and of tasks that can reach something

// Steps are numbered when a task is first spoken of and written in that order, so that what explains a step
// always stands below it.
class WaitProver {
 public:
  WaitProver(const Diagnosis& diagnosis, Proof& proof)
      : diagnosis_(diagnosis),
        graph_(diagnosis.graph()),
        process_(diagnosis.process()),
        peers_(process_),
        proof_(proof) {}

  // The step of `task`, which will be written; 0: there are too many already.
  size_t StepOf(Node task, const std::vector<uint32_t>& alike = {}) {
    const auto known = step_of_.find(task);
    if (known != step_of_.end()) return known->second;
    if (proof_.steps.size() == kMostSteps) return 0;
    ProofStep& step = proof_.steps.emplace_back();
    step.task = StateOf(task).task();
    step.claim = ClaimOf(task, alike);
    tasks_.push_back(task);
    // Those that do the same need no step of their own.
    for (uint32_t other : alike)
      step_of_.try_emplace(static_cast<Node>(graph_.snapshot().by_task.at(other)), proof_.steps.size());
    return step_of_[task] = proof_.steps.size();
  }

  // What it wants, and who keeps it from that: of a task that is stuck behind another, without a step of its
  // own.
  void Draw(Node task) {
    const Node blocker = StuckBehind(diagnosis_, task);
    if (!graph_.IsTask(blocker)) return;
    for (Node need : graph_.needs().Successors(task)) {
      if (!graph_.IsLock(need) || diagnosis_.IsLive(need)) continue;
      const size_t ellipse = Ellipse(graph_.lock(need).object);
      proof_.diagram.Edge(Box(task), ellipse, "waits");
      proof_.diagram.Edge(Box(blocker), ellipse, "holds", true);
      return;
    }
    proof_.diagram.Edge(Box(task), Box(blocker), "waits for its end", true);
  }

  void WriteAll() {
    for (size_t i = 0; i < tasks_.size(); ++i) {
      const Node task = tasks_[i];
      ProofStep written = proof_.steps[i];  // steps are added meanwhile
      WriteStep(task, written);
      proof_.steps[i] = std::move(written);
    }
  }

 private:
  const wire::TaskState& StateOf(Node task) const { return *graph_.task(task).state; }
  std::string LabelOf(Node task) const { return TaskLabel(process_, StateOf(task).task()); }
  std::string SubjectOf(Node task) const { return Capitalized(LabelOf(task)); }
  bool IsBlocked(Node task) const { return StateOf(task).state() == "blocked"; }

  Mark MarkOf(Node task) const {
    if (graph_.task(task).finished || graph_.task(task).ending == Ending::kEnded) return Mark::kEnded;
    return diagnosis_.IsLive(task) ? Mark::kLive : Mark::kStuck;
  }

  size_t Box(Node task) { return proof_.diagram.Task(StateOf(task).task(), LabelOf(task), MarkOf(task)); }
  size_t EndedBox(uint32_t task) {
    return proof_.diagram.Task(task, TaskLabel(process_, task),
                               HasEnded(process_, task) ? Mark::kEnded : Mark::kPlain);
  }
  size_t Ellipse(uint32_t object) { return proof_.diagram.Object(object, ObjectLabel(process_, object)); }

  std::string PlaceOfWait(Node task) const {
    for (const EvidenceStack& stack : diagnosis_.evidence().StacksOf(StateOf(task))) {
      if (stack.role != "blocked" && stack.role != "running") continue;
      const auto frame = TopUserFrame(process_, stack.addresses);
      if (frame.has_value()) return AtPlace(PlaceLabel(*frame));
    }
    return "";
  }

  std::string CasesText(Node task) const {
    std::string text;
    for (const wire::SelectCase& one : StateOf(task).cases()) {
      absl::StrAppend(&text, text.empty() ? ", to " : " or to ", one.sends() ? "send on " : "receive from ",
                      ObjectLabel(process_, one.object()));
    }
    return text;
  }

  std::string ClaimOf(Node task, const std::vector<uint32_t>& alike) const {
    const wire::TaskState& state = StateOf(task);
    const uint64_t since = IsBlocked(task) ? state.wait_ns() : 0;
    std::string claim =
        absl::StrCat(SubjectOf(task), " ", WaitClause(diagnosis_, task), CasesText(task), PlaceOfWait(task),
                     since == 0 ? "" : absl::StrCat(", for ", DurationText(since), " now"), ".");
    if (!alike.empty())
      absl::StrAppend(&claim, " ", TaskList(process_, alike), alike.size() == 1 ? " does" : " do",
                      " the same.");
    return claim;
  }

  // Why `task`, which could help, does or does not do so: said with "it" as the subject.
  void SayFate(ProofStep& step, std::string lead, Node task) {
    const TaskNode& node = graph_.task(task);
    if (node.finished) return step.Say(absl::StrCat(lead, " It ", EndedText(StateOf(task).task()), "."));
    if (node.ending == Ending::kEnded)
      return step.Say(absl::StrCat(lead, " It has ended the program, and runs no more code of it."));
    if (node.foreign) return step.Say(absl::StrCat(lead, " It never runs code of the program."));
    if (diagnosis_.IsLive(task)) {
      return step.Say(
          absl::StrCat(lead, " It is not stuck: it ", WaitClause(diagnosis_, task), PlaceOfWait(task), "."));
    }
    if (StateOf(task).task() == step.task)
      return step.Say(absl::StrCat(lead, " And the holder is the one that waits here."));
    const size_t number = StepOf(task);
    step.Say(absl::StrCat(lead, number == 0 ? absl::StrCat(" It is blocked for ever itself: it ",
                                                           WaitClause(diagnosis_, task), ".")
                                            : " It is blocked for ever itself."),
             number);
  }

  std::string EndedText(uint32_t task) const {
    const std::string ended = EndedClause(process_, &graph_.snapshot(), task);
    return ended.empty() ? "has ended" : ended;
  }

  std::string WhyByItself(Node task) const {
    if (!IsBlocked(task)) return "It needs nobody to go on.";
    const Waker waker = graph_.task(task).wait.waker;
    if (waker == Waker::kTimer) return "The clock ends such a wait.";
    if (waker != Waker::kOutside && StateOf(task).timed())
      return "The wait has a timeout, so it ends by itself.";
    return WhyLive(diagnosis_, task);
  }

  void WriteStep(Node task, ProofStep& step) {
    const size_t box = Box(task);
    if (graph_.task(task).ending == Ending::kEnded) {
      return step.Say(
          "It has ended the program: it is through with its exit handlers, and wakes nobody any more.");
    }
    const auto needs = graph_.needs().Successors(task);
    if (needs.empty()) {
      if (StateOf(task).object() != 0) proof_.diagram.Edge(box, Ellipse(StateOf(task).object()), "waits");
      return step.Say(WhyByItself(task));
    }
    for (Node need : needs) {
      if (need == graph_.nobody()) {
        step.Say("No task, no timer and nothing outside can ever end such a wait.");
      } else if (graph_.IsTask(need)) {
        proof_.diagram.Edge(box, Box(need), "waits for its end", !diagnosis_.IsLive(need));
        if (need == task) {
          step.Say("Only its own end can end it.");
          continue;
        }
        SayFate(step, absl::StrCat("Only the end of ", LabelOf(need), " can end it."), need);
      } else if (graph_.IsLock(need)) {
        WriteLock(task, need, step);
      } else {
        WriteOpenWait(task, need, step);
      }
    }
  }

  // ---- locks ----

  void WriteLock(Node task, Node need, ProofStep& step) {
    const LockNode& lock = graph_.lock(need);
    const bool is_mutex_back = lock.object != StateOf(task).object();
    if (is_mutex_back && diagnosis_.IsLive(need)) return;  // in nobody's way
    const size_t ellipse = Ellipse(lock.object);
    proof_.diagram.Edge(Box(task), ellipse, "waits");
    if (is_mutex_back) {
      step.Say(absl::StrCat("Whatever ends the wait, to go on it needs ", ObjectLabel(process_, lock.object),
                            " back."));
    }
    const auto needs = graph_.needs().Successors(need);
    if (lock.ended_holder != 0) WriteEndedHolder(lock, ellipse, step);
    for (Node holder : needs) {
      if (graph_.IsTask(holder)) {
        WriteHolder(holder, lock, ellipse, step);
      } else if (holder != graph_.nobody() && lock.ended_holder == 0) {
        step.Say(process_.process.forked_from() != 0
                     ? "No thread of this process is known to hold it: it was probably locked in the parent "
                       "process at "
                       "the moment of the fork, by a thread that does not exist here."
                     : "Who holds it is not known: each task that is left may.");
        WriteAllLeft(task, step);
      } else if (holder != graph_.nobody()) {
        WriteReach(task, holder, step);
      }
    }
    if (needs.empty()) step.Say("Nobody of this process is known to hold it, so it may be about to get it.");
  }

  void WriteHolder(Node holder, const LockNode& lock, size_t ellipse, ProofStep& step) {
    const wire::TaskState& state = StateOf(holder);
    const bool holds = std::any_of(state.held().begin(), state.held().end(),
                                   [&](const wire::Held& held) { return held.object() == lock.object; });
    const bool queues = !holds && lock.for_reading && state.object() == lock.object;
    proof_.diagram.Edge(Box(holder), ellipse, queues ? "waits" : "holds", MarkOf(holder) != Mark::kLive);
    if (queues)
      return SayFate(step, absl::StrCat("Readers wait behind ", LabelOf(holder), ", which waits to write."),
                     holder);
    SayFate(step,
            absl::StrCat(Capitalized(HoldClause(diagnosis_, holder, lock.object, "it")),
                         ", and only a holder releases a lock."),
            holder);
  }

  void WriteEndedHolder(const LockNode& lock, size_t ellipse, ProofStep& step) {
    proof_.diagram.Edge(EndedBox(lock.ended_holder), ellipse, "held, ended", true);
    step.Say(absl::StrCat(Capitalized(TaskLabel(process_, lock.ended_holder)), " locked it",
                          AtPlace(PlaceLabel(process_, lock.ended_site)), " and ", EndedText(lock.ended_holder),
                          " without unlocking it.",
                          lock.others_may_release ? " Another goroutine could unlock it."
                                                  : " Only the holder of a lock can release it."));
  }

  // ---- what several tasks could end ----

  void WriteOpenWait(Node task, Node need, ProofStep& step) {
    step.Say(absl::StrCat(WhatWouldHelp(diagnosis_, task), "."));
    const wire::TaskState& state = StateOf(task);
    if (state.cases().empty()) WriteUsers(task, state.object(), state.wait_reason(), step);
    for (const wire::SelectCase& one : state.cases()) {
      WriteUsers(task, one.object(), one.sends() ? "chan send" : "chan receive", step);
    }
    WriteReach(task, need, step);
    if (!diagnosis_.IsLive(task))
      step.Say("Nothing outside ends it: the wait has no timeout, and no other process can wake it.");
  }

  // Those that have used the other side so far.
  void WriteUsers(Node task, uint32_t object, absl::string_view reason, ProofStep& step) {
    if (object == 0) return;
    const size_t ellipse = Ellipse(object);
    proof_.diagram.Edge(Box(task), ellipse, "waits");
    const std::vector<Peer> peers = peers_.Of(reason, object);
    for (const Peer& peer : peers) WriteUser(peer.task, UserText(peer), ellipse, step);
    const PeerSide* side = PeerSideOf(reason);
    const wire::Object* record = process_.FindObject(object);
    if (side == nullptr || record == nullptr) return;
    const std::string what = ObjectLabel(process_, object);
    if (peers.empty() && record->other_uses() == 0 && !record->uses().empty()) {
      step.Say(absl::StrCat("Nobody has ", side->did, " so far (", what, ")."));
    }
    if (record->other_uses() != 0) {
      step.Say(absl::StrCat(Counted(record->other_uses(), "more operation"), " on ", what,
                            record->other_uses() == 1 ? " was" : " were",
                            " by tasks that are not kept by name."));
    }
  }

  std::string UserText(const Peer& peer) const {
    const std::string times =
        peer.count < 2
            ? ""
            : absl::StrCat(" ", peer.count, peer.at_least ? " times or more, last" : " times, first");
    return absl::StrCat(Capitalized(TaskLabel(process_, peer.task)), " has ", peer.did, times,
                        AtPlace(PlaceLabel(process_, peer.site)), ".");
  }

  void WriteUser(uint32_t user, std::string did, size_t ellipse, ProofStep& step) {
    const auto it = graph_.snapshot().by_task.find(user);
    const bool is_here = it != graph_.snapshot().by_task.end();
    if (!is_here) {
      proof_.diagram.Edge(EndedBox(user), ellipse, HasEnded(process_, user) ? "ended" : "could wake",
                          HasEnded(process_, user));
      const std::string ended = EndedClause(process_, &graph_.snapshot(), user);
      return step.Say(absl::StrCat(did, ended.empty() ? "" : absl::StrCat(" It ", ended, ".")));
    }
    const auto node = static_cast<Node>(it->second);
    const Mark mark = MarkOf(node);
    proof_.diagram.Edge(Box(node), ellipse, mark == Mark::kEnded ? "ended" : "could wake", mark != Mark::kLive);
    SayFate(step, std::move(did), node);
  }

  // All tasks that `need` leads to by the facts of --prove; `everybody`: and whoever else is left.
  struct Reached {
    std::vector<Node> tasks;
    bool everybody = false;
  };
  Reached ReachedFrom(Node need) const {
    Reached reached;
    std::vector<bool> seen(graph_.needs().size(), false);
    std::vector<Node> queue = {need};
    while (!queue.empty()) {
      const Node node = queue.back();
      queue.pop_back();
      if (seen[node]) continue;
      seen[node] = true;
      if (node == graph_.anybody()) reached.everybody = true;
      if (graph_.IsTask(node)) reached.tasks.push_back(node);
      if (!graph_.IsHandle(node)) continue;
      for (Node next : graph_.needs().Successors(node)) queue.push_back(next);
    }
    std::sort(reached.tasks.begin(), reached.tasks.end());
    return reached;
  }

  void WriteReach(Node task, Node need, ProofStep& step) {
    if (!graph_.IsHandle(need)) {
      step.Say("Who can reach it is not known (--prove tells), so each task that is left counts.");
      return WriteAllLeft(task, step);
    }
    Reached reached = ReachedFrom(need);
    reached.tasks.erase(std::remove(reached.tasks.begin(), reached.tasks.end(), task), reached.tasks.end());
    if (reached.everybody) {
      step.Say(
          "A variable, or memory that nothing is known of, leads to it, so each task that is left can reach "
          "it.");
      return WriteAllLeft(task, step);
    }
    if (reached.tasks.empty()) {
      return step.Say(
          "No other task that is left can reach it any more: no stack, no register and no memory in use leads "
          "there.");
    }
    size_t shown = 0;
    for (Node other : reached.tasks) {
      if (++shown > kMostGroups) break;
      if (StateOf(task).object() != 0) {
        proof_.diagram.Edge(Box(other), Ellipse(StateOf(task).object()), "could wake",
                            MarkOf(other) != Mark::kLive);
      }
      SayFate(step, absl::StrCat(SubjectOf(other), " can reach it."), other);
    }
    if (reached.tasks.size() > kMostGroups) {
      step.Say(absl::StrCat(Counted(reached.tasks.size() - kMostGroups, "more task"), " can reach it."));
    } else {
      step.Say("No other task can reach it.");
    }
  }

  // ---- everybody that is left ----

  void WriteAllLeft(Node task, ProofStep& step) {
    if (diagnosis_.IsLive(graph_.anybody())) return WriteLive(task, step);
    if (left_told_in_ != 0) return step.Say("No task that is left goes on.", left_told_in_);
    left_told_in_ = step_of_[task];
    std::vector<uint32_t> left;
    for (Node other = 0; other < graph_.task_count(); ++other) {
      if (other != task && diagnosis_.IsLeft(other) && !graph_.task(other).foreign) left.push_back(other);
    }
    if (left.empty()) step.Say("No other task is left.");
    size_t shown = 0, told = 0;
    for (const TaskGroup& group : diagnosis_.evidence().Group(left)) {
      if (shown++ == kMostGroups) break;
      told += group.tasks.size();
      std::vector<uint32_t> alike;
      for (size_t i = 1; i < group.tasks.size(); ++i) alike.push_back(group.tasks[i].task);
      const auto first = static_cast<Node>(graph_.snapshot().by_task.at(group.tasks.front().task));
      const size_t number = StepOf(first, alike);
      if (number != 0 && number == left_told_in_) {
        step.Say(absl::StrCat(alike.empty() ? SubjectOf(first)
                                            : absl::StrCat(SubjectOf(first), " and ", alike.size(), " like it"),
                              alike.empty() ? " waits" : " wait", " as it does."));
        continue;
      }
      const std::string who = alike.empty()
                                  ? absl::StrCat(SubjectOf(first), " is")
                                  : absl::StrCat(SubjectOf(first), " and ", alike.size(), " like it are");
      step.Say(absl::StrCat(who, " blocked for ever", alike.empty() ? " itself." : " themselves."), number);
    }
    if (told < left.size())
      step.Say(absl::StrCat(Counted(left.size() - told, "more task"), " are blocked for ever as well."));
    SayOtherwiseNobody(step);
  }

  void SayOtherwiseNobody(ProofStep& step) {
    if (diagnosis_.at_exit()) step.Say("The thread that ended the program runs no more code of it.");
    step.Say("No thread is out of sight, and no timer has yet to call a function of the program.");
  }

  // The tasks that go on by themselves: any of them may still do it.
  void WriteLive(Node task, ProofStep& step) {
    size_t shown = 0, live = 0;
    for (Node other = 0; other < graph_.task_count(); ++other) {
      const TaskNode& node = graph_.task(other);
      if (other == task || node.finished || node.foreign || !diagnosis_.IsLive(other)) continue;
      if (!graph_.needs().Successors(other).empty()) continue;
      ++live;
      if (shown == kMostGroups) continue;
      ++shown;
      step.Say(absl::StrCat(SubjectOf(other), " goes on: it ", WaitClause(diagnosis_, other),
                            PlaceOfWait(other), "."));
      if (StateOf(task).object() != 0)
        proof_.diagram.Edge(Box(other), Ellipse(StateOf(task).object()), "could wake");
    }
    if (live > shown)
      step.Say(absl::StrCat(Counted(live - shown, "more task"), live - shown == 1 ? " goes on." : " go on."));
    if (graph_.snapshot().info.pending_calls() > 0)
      step.Say("A timer has yet to call a function of the program.");
    if (live == 0) step.Say("There are threads that stray cannot see, or tasks that could not be recorded.");
  }

  const Diagnosis& diagnosis_;
  const WaitGraph& graph_;
  const ProcessModel& process_;
  const PeerTable peers_;
  Proof& proof_;
  std::vector<Node> tasks_;  // by step
  absl::flat_hash_map<Node, size_t> step_of_;
  size_t left_told_in_ = 0;  // the step that lists all that are left
};

}  // namespace

void ProveWaits(const Diagnosis& diagnosis, const Finding& finding, Proof& proof) {
  WaitProver prover(diagnosis, proof);
  const SnapshotModel& snapshot = diagnosis.graph().snapshot();
  for (const TaskGroup& group : finding.groups) {
    const auto it = snapshot.by_task.find(group.tasks.front().task);
    if (it == snapshot.by_task.end()) continue;
    std::vector<uint32_t> alike;
    // The tasks of a group of circles wait in circles of their own.
    if (!absl::StartsWith(finding.id, "deadlock.c")) {
      for (size_t i = 1; i < group.tasks.size(); ++i) alike.push_back(group.tasks[i].task);
    }
    prover.StepOf(static_cast<Node>(it->second), alike);
  }
  prover.WriteAll();
  const std::vector<uint32_t> behind = TaskIds(finding.consequences);
  for (size_t i = 0; i < std::min(behind.size(), kMostDrawn); ++i) {
    prover.Draw(static_cast<Node>(snapshot.by_task.at(behind[i])));
  }
  proof.conclusion = WaitConclusion(diagnosis, finding);
}

}  // namespace stray::analyzer
