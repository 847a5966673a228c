// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/past_proof.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/fate.h"
#include "analyzer/analysis/report_words.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostOthers = 6;

std::string SubjectOf(const ProcessModel& process, const EvidenceTask& task) {
  return Capitalized(TaskLabel(process, task.task));
}

const EvidenceStack* StackOf(const EvidenceTask& task, absl::string_view role) {
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role == role) return &stack;
  }
  return nullptr;
}

std::string AtStack(const ProcessModel& process, const EvidenceStack* stack) {
  if (stack == nullptr) return "";
  const auto frame = TopUserFrame(process, stack->addresses);
  return frame.has_value() ? AtPlace(PlaceLabel(*frame)) : "";
}

std::string ReadWrite(const ProcessModel& process, uint32_t object, bool read) {
  if (ObjectKind(process, object) != "rwlock") return "";
  return read ? " for reading" : " for writing";
}

void SayOrigin(const ProcessModel& process, const EvidenceTask& task, ProofStep& step) {
  const EvidenceStack* created = StackOf(task, "created");
  const wire::Task* record = process.FindTask(task.task);
  const std::string place = AtStack(process, created);
  if (place.empty()) return;
  const bool has_parent = record != nullptr && record->parent() != 0;
  step.Say(absl::StrCat("It was started",
                        has_parent ? absl::StrCat(" by ", TaskLabel(process, record->parent())) : "", place,
                        "."));
}

void SayOthers(const ProcessModel& process, const TaskGroup& group, ProofStep& step) {
  if (group.tasks.size() < 2) return;
  std::vector<uint32_t> others;
  for (size_t i = 1; i < group.tasks.size(); ++i) others.push_back(group.tasks[i].task);
  step.Say(absl::StrCat("The same is true of ", TaskList(process, others, kMostOthers), "."));
}

size_t BoxOf(const ProcessModel& process, uint32_t task, Proof& proof) {
  return proof.diagram.Task(task, TaskLabel(process, task),
                            HasEnded(process, task) ? Mark::kEnded : Mark::kPlain);
}

// ---- lock orders ----

// By a trace, which has the modes of all locks; of those that a task had it names the one that is waited for.
bool IsForeseen(const Finding& finding) {
  return finding.reported.has_value() && finding.id == "deadlock.predicted";
}

// The lock that `task` held when it wanted the next, of those that it had: the one this circle leads through.
const EvidenceHeld* HeldInOrder(const Finding& finding, size_t index) {
  const EvidenceTask& task = finding.groups[index].tasks.front();
  for (const EvidenceHeld& held : task.held) {
    if (index < finding.objects.size() && held.object == finding.objects[index]) return &held;
  }
  return task.held.empty() ? nullptr : &task.held.front();
}

void SayOrderStep(const Finding& finding, size_t index, Proof& proof) {
  const ProcessModel& process = *finding.process;
  const EvidenceTask& task = finding.groups[index].tasks.front();
  const EvidenceHeld* held = HeldInOrder(finding, index);
  const bool rereads = held != nullptr && held->object == task.object && !IsForeseen(finding);
  ProofStep& step = proof.steps.emplace_back();
  step.task = task.task;
  const bool reads = IsForeseen(finding) && held == nullptr &&
                     finding.reported->shown->steps(static_cast<int>(index)).wanted().read();
  const std::string mode = held == nullptr ? ReadWrite(process, task.object, reads)
                           : rereads       ? " for reading"
                                           : "";
  const absl::string_view verb =
      IsForeseen(finding) ? WaitVerb(process, finding.reported->shown->steps(static_cast<int>(index)))
                          : "locked";
  step.claim = absl::StrCat(SubjectOf(process, task), " ", verb, " ", ObjectLabel(process, task.object), mode,
                            AtStack(process, StackOf(task, "wanted")), ".");
  const size_t box = BoxOf(process, task.task, proof);
  proof.diagram.Edge(box, proof.diagram.Object(task.object, ObjectLabel(process, task.object)), "wants");
  if (held != nullptr) {
    const std::string place = AtPlace(PlaceLabel(process, held->site));
    step.Say(absl::StrCat("It held ", ObjectLabel(process, held->object),
                          ReadWrite(process, held->object, held->read), " at that time",
                          place.empty() ? "" : absl::StrCat(": taken", place), "."));
    proof.diagram.Edge(box, proof.diagram.Object(held->object, ObjectLabel(process, held->object)), "holds");
  }
  for (const EvidenceHeld& other : task.held) {
    if (held != nullptr && other.object == held->object) continue;
    step.Say(absl::StrCat("It held ", ObjectLabel(process, other.object),
                          ReadWrite(process, other.object, other.read), " besides."));
  }
  SayOrigin(process, task, step);
}

bool IsReread(const Finding& finding) {
  const EvidenceTask& task = finding.groups.front().tasks.front();
  return finding.groups.size() == 2 && !IsForeseen(finding) &&
         std::any_of(task.held.begin(), task.held.end(),
                     [&](const EvidenceHeld& held) { return held.object == task.object; });
}

std::string OrderConclusion(const Finding& finding) {
  const ProcessModel& process = *finding.process;
  std::vector<std::string> waits;
  for (size_t i = 0; i < finding.groups.size(); ++i) {
    const EvidenceTask& task = finding.groups[i].tasks.front();
    waits.push_back(absl::StrCat(TaskLabel(process, task.task), " waits for ",
                                 ObjectLabel(process, task.object), " (step ", i + 1, ")"));
  }
  if (IsForeseen(finding) && IsOfChannel(process, *finding.reported->shown)) {
    return absl::StrCat(
        "If all of them come to where they are in these steps, ", JoinedWithAnd(waits),
        ", and nobody else is left who could be the other side there: none goes on. In this run "
        "it did not come to that.");
  }
  if (!IsReread(finding)) {
    return absl::StrCat("If all of them stand between their two locks at once, ", JoinedWithAnd(waits),
                        ": the circle is closed, and none goes on. In this run it did not come to that.");
  }
  const std::string reader = TaskLabel(process, finding.groups[0].tasks.front().task);
  const std::string writer = TaskLabel(process, finding.groups[1].tasks.front().task);
  return absl::StrCat(
      "If ", writer, " begins to wait between the two reads of step 1, it waits for ", reader, ", and ", reader,
      " waits behind it: the circle is closed, and neither goes on. In this run it did not come to that.");
}

// Locks that tasks of two steps held: they do not keep them apart, or this would be no finding.
void SayGates(const Finding& finding, ProofStep& step) {
  const ProcessModel& process = *finding.process;
  std::vector<uint32_t> shared;
  for (size_t i = 0; i < finding.groups.size(); ++i) {
    for (size_t j = i + 1; j < finding.groups.size(); ++j) {
      for (const EvidenceHeld& a : finding.groups[i].tasks.front().held) {
        const auto& others = finding.groups[j].tasks.front().held;
        const bool both = std::any_of(others.begin(), others.end(),
                                      [&](const EvidenceHeld& b) { return a.object == b.object; });
        if (both && std::find(shared.begin(), shared.end(), a.object) == shared.end())
          shared.push_back(a.object);
      }
    }
  }
  if (shared.empty() && IsForeseen(finding))
    return step.Say(
        "No lock was held in two of these steps, unless for reading in both, so no lock keeps the tasks "
        "apart.");
  if (shared.empty())
    return step.Say("No lock was held in two of these steps, so no lock keeps the tasks apart.");
  for (uint32_t object : shared) {
    step.Say(absl::StrCat("Of those locks that were held in two of these steps, ", ObjectLabel(process, object),
                          " was held for reading in both, so it keeps nobody apart."));
  }
}

// ---- races ----

bool HaveLockInCommon(const EvidenceTask& a, const EvidenceTask& b) {
  return std::any_of(a.held.begin(), a.held.end(), [&](const EvidenceHeld& one) {
    return std::any_of(b.held.begin(), b.held.end(),
                       [&](const EvidenceHeld& other) { return one.object == other.object; });
  });
}

void SayAccess(const Finding& finding, const EvidenceTask& task, size_t memory, Proof& proof) {
  const ProcessModel& process = *finding.process;
  ProofStep& step = proof.steps.emplace_back();
  step.task = task.task;
  const EvidenceStack* stack = task.stacks.empty() ? nullptr : &task.stacks.front();
  const bool frees = stack != nullptr && stack->role == "free";
  step.claim = absl::StrCat(SubjectOf(process, task), " ", frees ? "frees it" : AccessText(*task.access),
                            AtStack(process, stack), ".");
  if (stack != nullptr && stack->addresses.empty())
    step.Say("The race detector had lost the stack of this access.");
  const size_t box = BoxOf(process, task.task, proof);
  proof.diagram.Edge(box, memory, frees ? "frees" : task.access->write ? "writes" : "reads");
  for (const EvidenceHeld& held : task.held) {
    step.Say(absl::StrCat("It held ", ObjectLabel(process, held.object),
                          ReadWrite(process, held.object, held.read),
                          AtPlace(PlaceLabel(process, held.site)).empty()
                              ? ""
                              : absl::StrCat(", taken", AtPlace(PlaceLabel(process, held.site))),
                          "."));
    proof.diagram.Edge(box, proof.diagram.Object(held.object, ObjectLabel(process, held.object)), "holds");
  }
  const bool locks_known = finding.reported.has_value() && !finding.reported->shown->locks_unknown();
  if (task.held.empty())
    step.Say(locks_known ? "It held no lock."
                         : "Which locks it held is not known: this detector does not tell.");
  SayOrigin(process, task, step);
}

void SayOrdering(const Finding& finding, ProofStep& step) {
  const EvidenceTask& first = finding.groups[0].tasks.front();
  const EvidenceTask& second = finding.groups[1].tasks.front();
  const EvidenceReport& reported = *finding.reported;
  if (HaveLockInCommon(first, second)) {
    step.Say(
        "A lock was held at both, but not in a way that keeps them apart: both only read it, or it was given "
        "back between.");
  } else if (!reported.shown->locks_unknown()) {
    step.Say("No lock was held at both, so no lock keeps them apart.");
  }
  if (reported.last_order.has_value()) {
    step.Say(absl::StrCat(
        "The last that made one know of the other: ", OrderText(*finding.process, *reported.last_order), "."));
  }
  if (reported.shown->kind() == "predicted-race") {
    step.Say(
        "What came between them when the trace was recorded need not: the report ends with an order of the "
        "same "
        "events, replayed by a checker, in which both are about to happen at the same time.");
    return;
  }
  if (reported.shown->has_schedule()) {
    step.Say("The trace has all locks, forks, joins and reads, and none of them orders these two.");
    return;
  }
  step.Say(absl::StrCat(
      reported.shown->reporter().empty() ? "The race detector" : reported.shown->reporter(),
      " follows all locks, creations, joins, atomics and messages that order tasks, and found none that orders "
      "these two."));
}

// ---- misuse ----

// What the stack of such a role shows, with the task as the subject.
std::string RoleText(absl::string_view role) {
  constexpr std::pair<absl::string_view, absl::string_view> kRoles[] = {
      {"misuse", "made the call"}, {"acquired", "had taken it"}, {"waiting", "waits for it"},
      {"joined", "was joined"},    {"detached", "was detached"}, {"destroyed", "destroyed it"},
      {"wanted", "wanted it"},
  };
  for (const auto& [known, text] : kRoles) {
    if (known == role) return std::string(text);
  }
  return std::string(role);
}

void SayPart(const Finding& finding, const TaskGroup& group, bool offender, const SnapshotModel* snapshot,
             Proof& proof) {
  const ProcessModel& process = *finding.process;
  const EvidenceTask& task = group.tasks.front();
  ProofStep& step = proof.steps.emplace_back();
  step.task = task.task;
  const std::string who = task.task == 0 ? "A task" : SubjectOf(process, task);
  bool has_claim = false;
  for (const EvidenceStack& stack : task.stacks) {
    if (stack.role == "created" || stack.role == "ancestor") continue;
    const std::string said = absl::StrCat(RoleText(stack.role), AtStack(process, &stack), ".");
    if (has_claim) {
      step.Say(absl::StrCat("It ", said));
    } else {
      step.claim = absl::StrCat(who, " ", said);
    }
    has_claim = true;
  }
  if (!has_claim) step.claim = absl::StrCat(who, offender ? " did it." : " is the other party.");
  if (const std::string ended = EndedClause(process, snapshot, task.task); !ended.empty())
    step.Say(absl::StrCat("It ", ended, "."));
  SayOrigin(process, task, step);
  SayOthers(process, group, step);
  const size_t box = BoxOf(process, task.task, proof);
  if (finding.objects.empty()) return;
  const uint32_t object = task.object == 0 ? finding.objects.front() : task.object;
  proof.diagram.Edge(box, proof.diagram.Object(object, ObjectLabel(process, object)),
                     offender ? "misuses" : "uses");
}

}  // namespace

void ProveOrder(const Finding& finding, Proof& proof) {
  proof.conclusion = finding.explanation;
  if (finding.groups.empty()) return;
  for (size_t i = 0; i < finding.groups.size(); ++i) SayOrderStep(finding, i, proof);
  ProofStep& step = proof.steps.emplace_back();
  step.claim = "What could keep these tasks from doing so at the same time?";
  SayGates(finding, step);
  if (finding.id == "deadlock.predicted") {
    const bool knows_memory = finding.confidence == Confidence::kProved;
    step.Say(
        knows_memory
            ? "Nothing: the report ends with an order of the recorded events, replayed by a checker, in "
              "which they all do."
            : "What they read may: the program was not built for traces, so that is not known. Of the locks "
              "alone, the report ends with an order in which they all do.");
  } else if (!finding.reported.has_value()) {
    step.Say(finding.confidence == Confidence::kHeuristic
                 ? "Creating and joining them, or messages between them, may: not enough was recorded to tell."
                 : "Creating and joining them does not: each could run while the other did.");
  }
  proof.conclusion = OrderConclusion(finding);
}

void ProveRace(const Finding& finding, Proof& proof) {
  const ProcessModel& process = *finding.process;
  proof.conclusion = finding.explanation;
  if (!finding.reported.has_value() || finding.groups.empty() ||
      !finding.groups.front().tasks.front().access.has_value()) {
    return ProveMisuse(finding, nullptr, proof);
  }
  const wire::SanitizerReport& report = *finding.reported->shown;
  const uint64_t address = finding.groups.front().tasks.front().access->address;
  const wire::MemoryPlace* place = PlaceAt(report, address);
  const std::string memory = place == nullptr ? absl::StrCat("memory at 0x", absl::Hex(address))
                                              : MemoryLabel(process, *place, address);
  const size_t ellipse = proof.diagram.Other("memory", memory);
  for (const TaskGroup& group : finding.groups) {
    if (group.tasks.front().access.has_value()) SayAccess(finding, group.tasks.front(), ellipse, proof);
  }
  if (finding.groups.size() < 2) return;
  ProofStep& step = proof.steps.emplace_back();
  step.claim = absl::StrCat("It is the same memory: ", memory, ". What orders the two accesses?");
  if (place != nullptr && !MemoryOrigin(process, *place).empty())
    step.Say(absl::StrCat("It was ", MemoryOrigin(process, *place), "."));
  SayOrdering(finding, step);
  proof.conclusion =
      report.kind() == "lock-hint"
          ? "At least one of the two writes, and no lock protects both. That they came one after "
            "the other was the doing of locks that need not be taken in this order."
      : report.kind() == "predicted-race"
          ? "At least one of the two writes, and nothing in the program orders them, only the "
            "order in which this run "
            "came along."
          : "At least one of the two writes, and nothing orders them: either may come first, or "
            "both at once. That "
            "was seen in this run and needs no bad luck.";
}

void ProveUse(const Finding& finding, Proof& proof) {
  const ProcessModel& process = *finding.process;
  proof.conclusion = finding.explanation;
  if (!finding.reported.has_value() || finding.groups.empty()) return;
  const wire::SanitizerReport& report = *finding.reported->shown;
  for (size_t i = 0; i < finding.groups.size(); ++i) {
    const EvidenceTask& task = finding.groups[i].tasks.front();
    const absl::string_view verb = StepVerb(report, static_cast<int>(i));
    ProofStep& step = proof.steps.emplace_back();
    step.task = task.task;
    step.claim = absl::StrCat(SubjectOf(process, task), " ", verb, " ", ObjectLabel(process, task.object),
                              AtStack(process, StackOf(task, "misuse")), ".");
    SayOrigin(process, task, step);
    proof.diagram.Edge(BoxOf(process, task.task, proof),
                       proof.diagram.Object(task.object, ObjectLabel(process, task.object)), std::string(verb));
  }
  ProofStep& step = proof.steps.emplace_back();
  step.claim = "What keeps these in the order in which the run had them?";
  step.Say(
      finding.confidence == Confidence::kProved
          ? "Nothing: the report ends with an order of the recorded events, replayed by a checker, in which "
            "what came first need not have happened yet."
          : "What they read may: the program was not built for traces, so that is not known. But for that, "
            "the report ends with an order in which what came first need not have happened yet.");
}

void ProveUnjoined(const Finding& finding, const SnapshotModel* snapshot, Proof& proof) {
  const ProcessModel& process = *finding.process;
  for (const TaskGroup& group : finding.groups) {
    const EvidenceTask& task = group.tasks.front();
    ProofStep& step = proof.steps.emplace_back();
    step.task = task.task;
    BoxOf(process, task.task, proof);
    const std::string ended = EndedClause(process, snapshot, task.task);
    step.claim = absl::StrCat(SubjectOf(process, task), " ", ended.empty() ? "has ended" : ended, ".");
    SayOrigin(process, task, step);
    step.Say("It was not created detached, and no call that detaches it was seen.");
    step.Say("No call that joins it was seen, and no task waits to join it.");
    SayOthers(process, group, step);
  }
  const bool several = finding.count > 1;
  proof.conclusion =
      absl::StrCat("A thread that ends stays until it is joined or detached, and nobody did that: the ",
                   several ? "stacks and exit statuses of them" : "stack and exit status of it",
                   " are kept for as long as the program runs.");
}

void ProveMisuse(const Finding& finding, const SnapshotModel* snapshot, Proof& proof) {
  for (size_t i = 0; i < finding.groups.size(); ++i)
    SayPart(finding, finding.groups[i], i == 0, snapshot, proof);
  proof.conclusion =
      absl::StrCat(finding.explanation, " The rules of the call forbid that, whatever came of it in this run.");
}

}  // namespace stray::analyzer
