// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/misuse.h"

#include <cerrno>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/ignores.h"

namespace stray::analyzer {
namespace {

struct KindEntry {
  absl::string_view word;
  absl::string_view sentence;
};

constexpr KindEntry kKinds[] = {
#define STRAY_MISUSE_KIND(number, enumerator, word, sentence) {word, sentence},
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
};

absl::string_view SentenceOf(absl::string_view kind) {
  for (const KindEntry& entry : kKinds) {
    if (entry.word == kind) return entry.sentence;
  }
  return "A synchronization object was used wrongly.";
}

std::string IdOf(absl::string_view kind) {
  if (absl::StartsWith(kind, "chan-")) return "channel.misuse";
  if (absl::StartsWith(kind, "wait-group-")) return "wait-group.misuse";
  return "sync.misuse";
}

std::string ErrorName(int error) {
  switch (error) {
    case EINVAL:
      return "EINVAL";
    case EPERM:
      return "EPERM";
    case EDEADLK:
      return "EDEADLK";
    case EBUSY:
      return "EBUSY";
    case ESRCH:
      return "ESRCH";
    case EAGAIN:
      return "EAGAIN";
    case EOVERFLOW:
      return "EOVERFLOW";
    case EOWNERDEAD:
      return "EOWNERDEAD";
    case ENOTRECOVERABLE:
      return "ENOTRECOVERABLE";
    case ENOTSUP:
      return "ENOTSUP";
    default:
      return absl::StrCat("error ", error);
  }
}

bool WasAskedFor(const ProcessModel& process, const wire::Misuse& misuse) {
  const wire::Object* object = process.FindObject(misuse.object());
  if (object == nullptr) return false;
  if (object->error_check() && (misuse.error() == EDEADLK || misuse.error() == EPERM)) return true;
  return object->robust() && misuse.kind() == "ended-holding";
}

// What the other party had to do with it, as a verb phrase, and the role of its stack.
struct OtherPart {
  absl::string_view did;  // "<other> <did> <at place>"
  absl::string_view role;
};

OtherPart PartOfOther(absl::string_view kind) {
  if (kind == "destroy-waited" || kind == "reinit-waited") return {"was waiting on it", "waiting"};
  if (kind == "cond-two-mutexes") return {"had begun to wait on it", "waiting"};
  if (kind == "cond-mutex-not-held") return {"held the mutex, locked", "acquired"};
  if (kind == "join-twice") return {"had joined it", "joined"};
  if (kind == "join-detached" || kind == "detach-twice") return {"had detached or joined it", "detached"};
  if (kind == "use-destroyed") return {"had destroyed it", "destroyed"};
  return {"had locked it", "acquired"};
}

// The thread that joins and detaches are about stands in other_task; it did nothing itself.
bool IsAboutTask(absl::string_view kind) {
  return kind == "join-twice" || kind == "join-self" || kind == "join-detached" || kind == "detach-twice";
}

std::string WhatHappened(const ProcessModel& process, const wire::Misuse& misuse) {
  const std::string who = Capitalized(TaskLabel(process, misuse.task()));
  const std::string place = AtPlace(PlaceOfStack(process, misuse.stack()));
  const std::string object = misuse.object() == 0 ? "" : ObjectLabel(process, misuse.object());
  if (misuse.kind() == "ended-holding") {
    return absl::StrCat(who, " ended while it held ", object.empty() ? "a lock" : object, ".");
  }
  std::string text =
      absl::StrCat(who, " called ", misuse.call().empty() ? "a synchronization function" : misuse.call());
  if (!object.empty()) absl::StrAppend(&text, " on ", object);
  if (IsAboutTask(misuse.kind()) && misuse.other_task() != 0) {
    absl::StrAppend(&text, " for ",
                    misuse.other_task() == misuse.task() ? "itself" : TaskLabel(process, misuse.other_task()));
  }
  if (misuse.kind() != "cond-two-mutexes" && misuse.other_object() != 0) {
    absl::StrAppend(&text, " with ", ObjectLabel(process, misuse.other_object()));
  }
  absl::StrAppend(&text, place);
  if (misuse.error() != 0) absl::StrAppend(&text, ", which returned ", ErrorName(misuse.error()));
  return text + ".";
}

std::string WhatOtherDid(const ProcessModel& process, const wire::Misuse& misuse) {
  const std::string place = PlaceLabel(process, misuse.other_site());
  const OtherPart part = PartOfOther(misuse.kind());
  if (misuse.kind() == "ended-holding")
    return place.empty() ? "" : absl::StrCat(" It had locked it at ", place, ".");
  if (IsAboutTask(misuse.kind()))
    return place.empty() ? "" : absl::StrCat(" That had been done before at ", place, ".");
  if (misuse.other_task() == 0 && place.empty()) return "";
  const std::string who =
      misuse.other_task() == 0 ? "Another task" : Capitalized(TaskLabel(process, misuse.other_task()));
  if (misuse.kind() == "cond-two-mutexes" && misuse.other_object() != 0) {
    return absl::StrCat(" ", who, " is waiting on it with another mutex, ",
                        ObjectLabel(process, misuse.other_object()), ".");
  }
  return absl::StrCat(" ", who, " ", part.did, AtPlace(place), ".");
}

std::string StateOf(const ProcessModel& process, uint32_t task) {
  const wire::Task* record = process.FindTask(task);
  if (record != nullptr && record->finished()) return "finished";
  const SnapshotModel* snapshot = process.LastSnapshot();
  const wire::TaskState* state = snapshot == nullptr ? nullptr : snapshot->Find(task);
  return state == nullptr ? "running" : state->state();
}

// A thread that ends is deep inside the C library by then: what matters is where it took the lock.
bool IsAboutAcquisition(const wire::Misuse& misuse) {
  const bool known = misuse.other_site().stack() != 0 || misuse.other_site().address() != 0;
  return misuse.kind() == "ended-holding" && known;
}

EvidenceTask Offender(const ProcessModel& process, const EvidenceMaker& evidence, const wire::Misuse& misuse) {
  EvidenceTask task;
  task.task = misuse.task();
  task.state = StateOf(process, misuse.task());
  task.object = misuse.object();
  if (!IsAboutAcquisition(misuse)) task.stacks = {StackEvidence(process, "misuse", misuse.stack())};
  if (IsAboutTask(misuse.kind()) || misuse.kind() == "ended-holding") {
    EvidenceStack other =
        StackEvidence(process, std::string(PartOfOther(misuse.kind()).role), 0, misuse.other_site());
    other.missing = false;
    if (!other.addresses.empty()) task.stacks.push_back(std::move(other));
  }
  for (EvidenceStack& stack : evidence.CreationOf(misuse.task())) task.stacks.push_back(std::move(stack));
  return task;
}

EvidenceTask OtherParty(const ProcessModel& process, const EvidenceMaker& evidence,
                        const wire::Misuse& misuse) {
  EvidenceTask task;
  task.task = misuse.other_task();
  task.state = StateOf(process, misuse.other_task());
  const std::string role(IsAboutTask(misuse.kind()) ? "" : PartOfOther(misuse.kind()).role);
  if (!role.empty()) {
    EvidenceStack stack = StackEvidence(process, role, 0, misuse.other_site());
    stack.missing = false;
    if (!stack.addresses.empty()) task.stacks.push_back(std::move(stack));
  }
  for (EvidenceStack& stack : evidence.CreationOf(misuse.other_task())) task.stacks.push_back(std::move(stack));
  return task;
}

Finding MisuseFinding(const ProcessModel& process, const EvidenceMaker& evidence, const wire::Misuse& misuse) {
  Finding finding;
  finding.id = IdOf(misuse.kind());
  finding.kind = misuse.kind();
  finding.count = 0;  // counted by the caller
  const absl::string_view sentence = SentenceOf(misuse.kind());
  finding.title = std::string(absl::StripSuffix(sentence, "."));
  finding.explanation = absl::StrCat(WhatHappened(process, misuse), WhatOtherDid(process, misuse));
  finding.groups.resize(1);
  finding.groups[0].tasks.push_back(Offender(process, evidence, misuse));
  if (misuse.other_task() != 0 && misuse.other_task() != misuse.task()) {
    finding.groups.emplace_back();
    finding.groups[1].tasks.push_back(OtherParty(process, evidence, misuse));
  }
  for (uint32_t object : {misuse.object(), misuse.other_object()}) {
    if (object != 0) finding.objects.push_back(object);
  }
  return finding;
}

void AddTask(const ProcessModel& process, uint32_t task, uint32_t object, TaskGroup& group) {
  for (const EvidenceTask& known : group.tasks) {
    if (known.task == task) return;
  }
  EvidenceTask evidence;
  evidence.task = task;
  evidence.state = StateOf(process, task);
  evidence.object = object;
  group.tasks.push_back(std::move(evidence));
}

}  // namespace

std::vector<Finding> FindMisuses(const ProcessModel& process, const EvidenceMaker& evidence, bool use_list) {
  const IgnoreFinder ignores(process);
  std::vector<Finding> findings;
  std::map<std::tuple<std::string, uint32_t, std::string>, size_t> known;
  for (const wire::Misuse& misuse : process.misuses) {
    if (WasAskedFor(process, misuse) || (use_list && ignores.Find(misuse) != nullptr)) continue;
    // Without a stack there is no place to tell two of them apart by but the object.
    const uint32_t stack =
        IsAboutAcquisition(misuse) ? evidence.NumberOf(misuse.other_site()) : evidence.NumberOf(misuse.stack());
    const std::string rest = absl::StrCat(misuse.call(), stack == 0 ? misuse.object() : 0);
    auto [it, is_new] = known.try_emplace({misuse.kind(), stack, rest}, findings.size());
    if (is_new) findings.push_back(MisuseFinding(process, evidence, misuse));
    Finding& finding = findings[it->second];
    finding.count += misuse.count() == 0 ? 1 : misuse.count();
    if (!is_new) AddTask(process, misuse.task(), misuse.object(), finding.groups[0]);
  }
  return findings;
}

}  // namespace stray::analyzer
