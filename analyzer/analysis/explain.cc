// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/explain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/peers.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;

const wire::TaskState& StateOf(const Diagnosis& diagnosis, Node task) {
  return *diagnosis.graph().task(task).state;
}

std::string LabelOf(const Diagnosis& diagnosis, Node task) {
  return TaskLabel(diagnosis.process(), StateOf(diagnosis, task).task());
}

bool IsBlocked(const wire::TaskState& state) { return state.state() == "blocked"; }

const WaitWord& WaitWordOf(const Diagnosis& diagnosis, Node task) { return diagnosis.graph().task(task).wait; }

bool WantsToWrite(const Diagnosis& diagnosis, Node task) {
  return WaitWordOf(diagnosis, task).word == "pthread_rwlock_wrlock" ||
         WaitWordOf(diagnosis, task).word == "sync.RWMutex.Lock";
}

bool WantsToRead(const Diagnosis& diagnosis, Node task) {
  return WaitWordOf(diagnosis, task).object_kind == "rwlock" && !WantsToWrite(diagnosis, task);
}

absl::string_view HowItWants(const Diagnosis& diagnosis, Node task) {
  if (WantsToWrite(diagnosis, task)) return " to write ";
  return WantsToRead(diagnosis, task) ? " to read " : " for ";
}

// The node that `task` waits for and that cannot come true; the lock before the task before the rest.
Node StuckNeed(const Diagnosis& diagnosis, Node task) {
  const WaitGraph& graph = diagnosis.graph();
  Node best = graph.anybody();
  for (Node need : graph.needs().Successors(task)) {
    if (diagnosis.IsLive(need)) continue;
    if (graph.IsLock(need) || graph.IsTask(need)) return need;
    best = need;
  }
  return best;
}

Node StuckHolder(const Diagnosis& diagnosis, Node lock) {
  for (Node holder : diagnosis.graph().needs().Successors(lock)) {
    if (diagnosis.graph().IsTask(holder) && !diagnosis.IsLive(holder)) return holder;
  }
  return diagnosis.graph().nobody();
}

std::string ObjectPhrase(const Diagnosis& diagnosis, const wire::TaskState& state) {
  return state.object() == 0 ? "" : absl::StrCat(" on ", ObjectLabel(diagnosis.process(), state.object()));
}

// What those who could help are: "thread", "goroutine", "fiber", or "task" where there are several kinds.
absl::string_view TaskWord(const Diagnosis& diagnosis) {
  bool goroutines = false, fibers = false, threads = false;
  for (Node node = 0; node < diagnosis.graph().task_count(); ++node) {
    const wire::Task* task = diagnosis.graph().task(node).task;
    const absl::string_view kind = task == nullptr ? "" : absl::string_view(task->kind());
    if (kind == "goroutine") goroutines = true;
    if (kind == "fiber") fibers = true;
    if (kind != "goroutine" && kind != "fiber" && diagnosis.graph().task(node).ending == Ending::kNo)
      threads = true;
  }
  if (goroutines + fibers + threads > 1) return "task";
  return goroutines ? "goroutine" : fibers ? "fiber" : "thread";
}

// Who did so last, and what became of it: evidence for where to look.
std::string LastWakerSentence(const Diagnosis& diagnosis, const wire::TaskState& state) {
  if (state.object() == 0) return "";
  const LastWaker last = diagnosis.LastWakerOf(state.object());
  const ProcessModel& process = diagnosis.process();
  if (last.task == 0) return LastPeerSentence(process, state.wait_reason(), state.object());
  const wire::Task* task = process.FindTask(last.task);
  const bool ended = task != nullptr && task->finished();
  return absl::StrCat(" The last thread to do so was ", TaskLabel(process, last.task),
                      AtPlace(PlaceLabel(process, last.event.site())),
                      ended ? ", which has ended since." : ".");
}

std::string WhoIsLeft(const Diagnosis& diagnosis) {
  if (diagnosis.left_count() == 1)
    return absl::StrCat("it is the only ", TaskWord(diagnosis), diagnosis.at_exit() ? " left" : "");
  return absl::StrCat("every ", TaskWord(diagnosis), " that is left is blocked for ever as well");
}

// All tasks but `task` that can reach what it waits for, in order; not those that reach it through variables.
std::vector<Node> ReachersOf(const Diagnosis& diagnosis, Node task) {
  const SnapshotModel& snapshot = diagnosis.graph().snapshot();
  std::vector<Node> reachers;
  for (uint64_t address : AddressesOf(diagnosis.process(), StateOf(diagnosis, task))) {
    for (uint32_t other : diagnosis.graph().reachability().TasksWith(address)) {
      const auto it = snapshot.by_task.find(other);
      if (it == snapshot.by_task.end() || it->second == task) continue;
      if (diagnosis.IsLeft(static_cast<Node>(it->second))) reachers.push_back(static_cast<Node>(it->second));
    }
  }
  std::sort(reachers.begin(), reachers.end());
  reachers.erase(std::unique(reachers.begin(), reachers.end()), reachers.end());
  return reachers;
}

// "but only T3 can still reach it, and it waits ... and is stuck there for ever".
std::string NobodyReaches(const Diagnosis& diagnosis, Node task) {
  const std::string would = WhatWouldHelp(diagnosis, task);
  const std::string last = LastWakerSentence(diagnosis, StateOf(diagnosis, task));
  const std::vector<Node> reachers = ReachersOf(diagnosis, task);
  if (reachers.empty()) {
    return absl::StrCat(would, ", but no ", TaskWord(diagnosis), " that is left can reach it any more.", last);
  }
  std::vector<uint32_t> ids;
  for (Node reacher : reachers) ids.push_back(StateOf(diagnosis, reacher).task());
  return absl::StrCat(would, ", but only ", TaskList(diagnosis.process(), ids), " can still reach it, and ",
                      ids.size() == 1 ? "it" : LabelOf(diagnosis, reachers.front()), " ",
                      WaitClause(diagnosis, reachers.front()), " and is stuck there for ever",
                      ids.size() == 1 ? "." : ", as the others are.", last);
}

std::string NobodyLeft(const Diagnosis& diagnosis, Node task) {
  return absl::StrCat(WhatWouldHelp(diagnosis, task), ", but ",
                      diagnosis.at_exit() ? "the program has ended and " : "", WhoIsLeft(diagnosis), ".",
                      LastWakerSentence(diagnosis, StateOf(diagnosis, task)));
}

std::string NoKnownHolder(const Diagnosis& diagnosis) {
  if (diagnosis.process().process.forked_from() != 0) {
    return "No thread of this process is known to hold it: it was probably locked in the parent process at the "
           "moment of "
           "the fork, by a thread that does not exist here, so nobody can release it.";
  }
  return absl::StrCat("Who holds it is not known, but ", WhoIsLeft(diagnosis), ", so nobody can release it.");
}

std::string EndedHolder(const Diagnosis& diagnosis, const LockNode& lock) {
  const std::string ended = TaskLabel(diagnosis.process(), lock.ended_holder);
  const std::string what =
      absl::StrCat(Capitalized(ended), " locked it", AtPlace(PlaceLabel(diagnosis.process(), lock.ended_site)),
                   " and ended without unlocking it. ");
  if (!lock.others_may_release)
    return absl::StrCat(what, "Only the holder of a lock can release it, so it stays locked for ever.");
  return absl::StrCat(what, "Another goroutine could unlock it, but ", WhoIsLeft(diagnosis), ".");
}

// Why the task `blocker`, which holds a lock or is joined, will not do its part: " and can never `part`, ...".
std::string StuckBlocker(const Diagnosis& diagnosis, Node task, Node blocker, absl::string_view part) {
  if (diagnosis.graph().task(blocker).ending == Ending::kEnded) {
    return absl::StrCat(" has ended the program and will not ", part, " any more.");
  }
  if (diagnosis.IsInCircle(blocker)) {
    const size_t size = diagnosis.circles()[diagnosis.CircleOf(blocker)].tasks.size();
    if (size == 1) return absl::StrCat(" can never ", part, ", as it waits for itself (deadlock.self).");
    return absl::StrCat(" can never ", part, ", as one of ", size,
                        " tasks that wait for each other in a circle (deadlock.cycle).");
  }
  return absl::StrCat(" can never ", part, ", as it ", WaitClause(diagnosis, blocker),
                      " and is stuck there for ever",
                      diagnosis.CircleOf(task) != kNoCircle ? ", behind a deadlock." : ".");
}

std::string SleepOrInput(const Diagnosis& diagnosis, Node task, bool plural) {
  const wire::TaskState& state = StateOf(diagnosis, task);
  const std::string s = plural ? "" : "s";
  if (WaitWordOf(diagnosis, task).waker == Waker::kTimer)
    return absl::StrCat("sleep", s, " in ", state.wait_reason());
  const bool has_descriptor = WaitWordOf(diagnosis, task).object_kind == "fd" && state.address() < (1u << 20);
  return absl::StrCat("wait", s, " in ", state.wait_reason(),
                      has_descriptor && !plural ? absl::StrCat(" on descriptor ", state.address()) : "");
}

// ", which T2 "sync" could receive from".
std::string WakerClause(const Diagnosis& diagnosis, const WakerLink& link) {
  struct Verb {
    absl::string_view wait_reason, could, has_done;
  };
  static constexpr Verb kVerbs[] = {{"chan send", "receive from", "received from so far"},
                                    {"chan receive", "send on or close", "sent on so far"},
                                    {"select", "use", "used so far"},
                                    {"sync.Cond.Wait", "signal", "signalled so far"},
                                    {"sync.WaitGroup.Wait", "call Done on", "called Done on so far"},
                                    {"semacquire", "release", "released so far"}};
  const wire::TaskState& state = StateOf(diagnosis, link.waiter);
  absl::string_view reason = state.wait_reason();
  std::string which = "which ";
  for (const wire::SelectCase& one : state.cases()) {
    if (one.object() != link.object) continue;
    reason = one.sends() ? "chan send" : "chan receive";
    which = absl::StrCat("where ", ObjectLabel(diagnosis.process(), one.object()), " is one that ");
  }
  for (const Verb& verb : kVerbs) {
    if (verb.wait_reason != reason) continue;
    const std::string waker = LabelOf(diagnosis, link.waker);
    if (link.has_done_so) return absl::StrCat(", ", which, waker, " has ", verb.has_done);
    return absl::StrCat(", ", which, waker, " could ", verb.could);
  }
  return "";
}

// A task that goes on and can reach what `task` waits for; "": none that is known by name.
std::string LiveReacher(const Diagnosis& diagnosis, Node task) {
  for (Node reacher : ReachersOf(diagnosis, task)) {
    if (diagnosis.IsLive(reacher)) return LabelOf(diagnosis, reacher);
  }
  return "";
}

}  // namespace

std::string WhatWouldHelp(const Diagnosis& diagnosis, Node task) {
  const wire::TaskState& state = StateOf(diagnosis, task);
  const absl::string_view kind = WaitWordOf(diagnosis, task).object_kind;
  const wire::Object* object = diagnosis.process().FindObject(state.object());
  if (kind == "condition") return absl::StrCat("Another ", TaskWord(diagnosis), " would have to signal it");
  if (kind == "semaphore") return absl::StrCat("Another ", TaskWord(diagnosis), " would have to post it");
  if (kind == "barrier" && object != nullptr && object->value() > 0) {
    uint64_t arrived = 0;
    for (Node other = 0; other < diagnosis.graph().task_count(); ++other) {
      const wire::TaskState& waiter = StateOf(diagnosis, other);
      if (IsBlocked(waiter) && waiter.object() == state.object()) ++arrived;
    }
    return absl::StrCat("The barrier needs ", Counted(object->value(), "thread"), " and ", arrived,
                        arrived == 1 ? " has" : " have", " arrived");
  }
  if (kind == "barrier") return absl::StrCat("More ", TaskWord(diagnosis), "s would have to arrive");
  if (kind == "wait group") return "Its counter would have to fall to zero";
  const absl::string_view reason = state.wait_reason();
  if (reason == "chan send")
    return absl::StrCat("Another ", TaskWord(diagnosis), " would have to receive from it");
  if (reason == "chan receive") {
    return absl::StrCat("Another ", TaskWord(diagnosis), " would have to send on it, or close it");
  }
  if (kind == "channel")
    return absl::StrCat("Another ", TaskWord(diagnosis), " would have to use one of its channels");
  return absl::StrCat("Another ", TaskWord(diagnosis), " would have to wake it");
}

std::string WaitClause(const Diagnosis& diagnosis, Node task, bool plural) {
  const wire::TaskState& state = StateOf(diagnosis, task);
  const ProcessModel& process = diagnosis.process();
  const std::string s = plural ? "" : "s";
  if (!IsBlocked(state)) return absl::StrCat("run", s);
  switch (WaitWordOf(diagnosis, task).waker) {
    case Waker::kHolder:
      return absl::StrCat("wait", s, HowItWants(diagnosis, task), ObjectLabel(process, state.object()));
    case Waker::kTask:
      if (state.waits_for_task() == 0) return absl::StrCat("wait", s, " in ", state.wait_reason());
      return absl::StrCat("wait", s, " in ", state.wait_reason(), " for ",
                          plural ? "other tasks" : TaskLabel(process, state.waits_for_task()), " to end");
    case Waker::kOutside:
    case Waker::kTimer:
      return SleepOrInput(diagnosis, task, plural);
    case Waker::kAnyTask:
    case Waker::kNobody:
      break;
  }
  return absl::StrCat("wait", s, " in ", state.wait_reason(), ObjectPhrase(diagnosis, state));
}

std::string HoldClause(const Diagnosis& diagnosis, Node task, uint32_t object, absl::string_view it) {
  const ProcessModel& process = diagnosis.process();
  const std::string label = LabelOf(diagnosis, task);
  const std::string object_word = it.empty() ? "" : absl::StrCat(" ", it);
  if (ObjectKind(process, object) == "once") return absl::StrCat(label, " is running", object_word);
  for (const wire::Held& held : StateOf(diagnosis, task).held()) {
    if (held.object() != object) continue;
    const std::string place = PlaceLabel(process, held.site());
    const absl::string_view verb = place.empty() ? " holds" : " locked";
    return absl::StrCat(label, verb, object_word, held.read() ? " for reading" : "", AtPlace(place));
  }
  return absl::StrCat(label, " holds", object_word);
}

std::string LinkClause(const Diagnosis& diagnosis, Node task, Node next) {
  const WaitGraph& graph = diagnosis.graph();
  for (Node need : graph.needs().Successors(task)) {
    if (!graph.IsLock(need)) continue;
    const auto holders = graph.needs().Successors(need);
    if (std::find(holders.begin(), holders.end(), next) == holders.end()) continue;
    const uint32_t object = graph.lock(need).object;
    const wire::TaskState& holder = StateOf(diagnosis, next);
    if (graph.lock(need).for_reading && WantsToWrite(diagnosis, next) && holder.object() == object) {
      return absl::StrCat(WaitClause(diagnosis, task), " behind ", LabelOf(diagnosis, next),
                          ", which waits to write it");
    }
    const std::string hold = HoldClause(diagnosis, next, object);
    if (object != StateOf(diagnosis, task).object()) {
      return absl::StrCat(WaitClause(diagnosis, task), " and needs ", ObjectLabel(diagnosis.process(), object),
                          " back, which ", hold);
    }
    return absl::StrCat(WaitClause(diagnosis, task), ", which ", hold);
  }
  const WakerLink* help = FindWaker(diagnosis.wakers(), task, next);
  return absl::StrCat(WaitClause(diagnosis, task), help == nullptr ? "" : WakerClause(diagnosis, *help));
}

Node StuckBehind(const Diagnosis& diagnosis, Node task) {
  const Node need = StuckNeed(diagnosis, task);
  if (diagnosis.graph().IsTask(need)) return need;
  return diagnosis.graph().IsLock(need) ? StuckHolder(diagnosis, need) : diagnosis.graph().nobody();
}

std::string WhyStuck(const Diagnosis& diagnosis, Node task) {
  const WaitGraph& graph = diagnosis.graph();
  const Node need = StuckNeed(diagnosis, task);
  if (need == graph.nobody()) return "Nothing can ever end such a wait.";
  if (need == graph.anybody()) return NobodyLeft(diagnosis, task);
  if (graph.IsHandle(need)) {
    return diagnosis.stuck_count() == diagnosis.left_count() ? NobodyLeft(diagnosis, task)
                                                             : NobodyReaches(diagnosis, task);
  }
  if (graph.IsTask(need)) {
    return absl::StrCat(Capitalized(LabelOf(diagnosis, need)), StuckBlocker(diagnosis, task, need, "end"));
  }
  const LockNode& lock = graph.lock(need);
  const bool is_mutex_back = lock.object != StateOf(diagnosis, task).object();
  const std::string lead =
      is_mutex_back
          ? absl::StrCat("To return it needs ", ObjectLabel(diagnosis.process(), lock.object), " back. ")
          : "";
  if (lock.ended_holder != 0) return lead + EndedHolder(diagnosis, lock);
  const Node holder = StuckHolder(diagnosis, need);
  if (holder == graph.nobody()) return lead + NoKnownHolder(diagnosis);
  const wire::TaskState& state = StateOf(diagnosis, holder);
  const bool holds = std::any_of(state.held().begin(), state.held().end(),
                                 [&](const wire::Held& held) { return held.object() == lock.object; });
  if (!holds && lock.for_reading && state.object() == lock.object) {
    return absl::StrCat("It waits behind ", LabelOf(diagnosis, holder),
                        ", which waits to write it and never will.");
  }
  const bool is_once = ObjectKind(diagnosis.process(), lock.object) == "once";
  const bool has_ended_program = graph.task(holder).ending == Ending::kEnded;
  return absl::StrCat(lead, Capitalized(HoldClause(diagnosis, holder, lock.object, "it")),
                      has_ended_program ? "," : " and",
                      StuckBlocker(diagnosis, task, holder, is_once ? "finish it" : "release it"));
}

std::string WhyLive(const Diagnosis& diagnosis, Node task) {
  const WaitGraph& graph = diagnosis.graph();
  const wire::TaskState& state = StateOf(diagnosis, task);
  const WaitWord& wait = WaitWordOf(diagnosis, task);
  if (!IsBlocked(state)) return "Nothing stopped it or waited for it to end.";
  if (wait.waker == Waker::kTimer) return "It would have gone on by itself, but nothing waited for that.";
  if (state.timed()) return "Its wait has a timeout, so it would have gone on by itself.";
  if (wait.waker == Waker::kOutside)
    return "Only the outside world, such as a peer or the kernel, can end that wait.";
  const std::vector<Node> waits_for = graph.WaitsFor(task);
  if (!waits_for.empty()) {
    return absl::StrCat("It waits for ", LabelOf(diagnosis, waits_for.front()),
                        ", which could still have gone on.");
  }
  for (Node need : graph.needs().Successors(task)) {
    if (!graph.IsLock(need) || graph.lock(need).ended_holder == 0) continue;
    return absl::StrCat(Capitalized(TaskLabel(diagnosis.process(), graph.lock(need).ended_holder)),
                        " locked it", AtPlace(PlaceLabel(diagnosis.process(), graph.lock(need).ended_site)),
                        " and ended without unlocking it; another goroutine could still do so.");
  }
  for (Node need : graph.needs().Successors(task)) {
    if (!graph.IsHandle(need)) continue;
    const std::string who = LiveReacher(diagnosis, task);
    if (!who.empty()) return absl::StrCat(Capitalized(who), ", still alive as well, can still reach it.");
  }
  if (wait.waker == Waker::kHolder)
    return "Who holds it is not known, so nothing more can be said about the wait.";
  if (graph.snapshot().info.pending_calls() > 0)
    return "A timer has yet to call a function of the program, which could have woken it.";
  if (graph.has_unknown_wakers()) return "Threads that stray cannot see could still have woken it.";
  for (Node other = 0; other < graph.task_count(); ++other) {
    if (other == task || !diagnosis.IsLeft(other) || !diagnosis.IsLive(other) || graph.task(other).foreign)
      continue;
    if (graph.needs().Successors(other).empty()) {
      return absl::StrCat(Capitalized(LabelOf(diagnosis, other)),
                          ", still alive as well, could have woken it.");
    }
  }
  return "Another process or a signal handler could still have woken it.";
}

}  // namespace stray::analyzer
