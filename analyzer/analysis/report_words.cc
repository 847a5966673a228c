// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/report_words.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {
namespace {

constexpr int kMostSteps = 6;  // of a long circle, so many are spelled out

struct ReportKind {
  absl::string_view word;
  absl::string_view title;
};

constexpr ReportKind kKinds[] = {
#define STRAY_REPORT_KIND(word, said, finding, title) {word, title},
#include "agent/wire/report_kinds.inc"
#undef STRAY_REPORT_KIND
};

bool IsMixed(const wire::SanitizerReport& report) {
  const auto atomics = std::count_if(report.accesses().begin(), report.accesses().end(),
                                     [](const wire::Access& access) { return access.atomic(); });
  return atomics > 0 && atomics < report.accesses_size();
}

// "[stack]" and the like are not what a variable is called.
int Worth(const wire::MemoryPlace& place) {
  if (place.kind() == "global") return place.name().empty() ? 0 : 3;
  return place.kind() == "stack" || place.kind() == "tls" ? 2 : 3;
}

std::string MemoryAt(const ProcessModel& process, const wire::SanitizerReport& report,
                     const wire::Access& access) {
  const wire::MemoryPlace* place = PlaceAt(report, access.address());
  if (place != nullptr) {
    const std::string origin = MemoryOrigin(process, *place);
    return absl::StrCat(MemoryLabel(process, *place, access.address()), origin.empty() ? "" : ", ", origin,
                        origin.empty() ? "" : ",");
  }
  if (!access.object_type().empty()) return absl::StrCat("a ", access.object_type());
  return absl::StrCat("memory at 0x", absl::Hex(access.address()));
}

std::string PlaceOfAccess(const ProcessModel& process, const wire::SanitizerReport& report,
                          const wire::Access& access) {
  if (access.stack() != 0) return AtPlace(PlaceOfStack(process, access.stack()));
  return report.cut() ? " at a place that is cut off" : " at a place that the detector had forgotten";
}

// "mutex a held", "mutex a held and rwlock b held for reading".
std::string HeldText(const ProcessModel& process, const wire::Access& access) {
  std::vector<std::string> held;
  for (const wire::Held& one : access.held())
    held.push_back(absl::StrCat(ObjectLabel(process, one.object()), " held", one.read() ? " for reading" : ""));
  return JoinedWithAnd(held);
}

bool HoldSame(const wire::Access& a, const wire::Access& b) {
  const auto key = [](const wire::Held& held) { return std::make_pair(held.object(), held.read()); };
  return std::equal(a.held().begin(), a.held().end(), b.held().begin(), b.held().end(),
                    [&](const wire::Held& x, const wire::Held& y) { return key(x) == key(y); });
}

// What was held at one access. The detector loses locks together with the stack.
std::string LocksOfOne(const ProcessModel& process, const wire::SanitizerReport& report,
                       const wire::Access& access) {
  if (access.held_size() > 0) return absl::StrCat(" with ", HeldText(process, access));
  if (report.locks_unknown() || access.stack() == 0) return "";
  const bool others_hold = std::any_of(report.accesses().begin(), report.accesses().end(),
                                       [](const wire::Access& other) { return other.held_size() > 0; });
  return others_hold ? " with none" : " without a lock";
}

std::string LocksOfBoth(const ProcessModel& process, const wire::Access& access) {
  if (access.held_size() == 0) return ", both without a lock";
  return absl::StrCat(", both with ", HeldText(process, access));
}

absl::string_view Verb(const wire::SanitizerReport& report, const wire::Access& access) {
  const wire::MemoryPlace* place = PlaceAt(report, access.address());
  if (place != nullptr && place->kind() == "fd") return access.write() ? "closed or replaced" : "used";
  if (!access.object_type().empty()) return access.write() ? "changed" : "read";
  if (access.atomic()) return access.write() ? "written atomically" : "read atomically";
  return access.write() ? "written" : "read";
}

std::string SleepText(const ProcessModel& process, const wire::SanitizerReport& report) {
  for (const wire::ReportStack& stack : report.stacks()) {
    if (stack.role() != "sleep") continue;
    return absl::StrCat(" A sleep", AtPlace(PlaceOfStack(process, stack.stack())),
                        " stands between them, but sleeping orders nothing.");
  }
  return "";
}

absl::string_view PredictionText(const wire::SanitizerReport& report) {
  if (report.kind() == "lock-hint") {
    return " They have no lock in common, and nothing came between them but the order in which locks were "
           "taken, "
           "which may be another one next time. Whether the tasks would do the same then is not known.";
  }
  if (report.kind() != "predicted-race") return "";
  return " When it was recorded something came between them; in another order of the same events, in which "
         "every task does "
         "and reads what it did and read, nothing does.";
}

// "is written by T1 at f (a.cc:3) with mutex M1 held and read by T2 at g (a.cc:9) with none".
std::string ExplainRace(const ProcessModel& process, const wire::SanitizerReport& report) {
  std::vector<std::string> parts;
  const wire::Access& first = report.accesses(0);
  const bool is_pair = report.accesses_size() == 2;
  const bool known = !report.locks_unknown() && first.stack() != 0;
  const bool same = is_pair && known && report.accesses(1).stack() != 0 && HoldSame(first, report.accesses(1));
  // One side holds a lock and the other does not: the one that holds something comes first.
  std::vector<const wire::Access*> order;
  for (const wire::Access& access : report.accesses()) order.push_back(&access);
  std::stable_sort(order.begin(), order.end(), [](const wire::Access* a, const wire::Access* b) {
    return a->held_size() > b->held_size();
  });
  for (const wire::Access* access : order) {
    parts.push_back(absl::StrCat(Verb(report, *access), " by ", TaskLabel(process, access->task()),
                                 PlaceOfAccess(process, report, *access),
                                 same ? "" : LocksOfOne(process, report, *access)));
  }
  return absl::StrCat(Capitalized(MemoryAt(process, report, first)), " is ", JoinedWithAnd(parts),
                      same ? LocksOfBoth(process, first) : "", ".", SleepText(process, report),
                      PredictionText(report));
}

// The detector remembers the freeing as the access before.
std::string ExplainUseAfterFree(const ProcessModel& process, const wire::SanitizerReport& report) {
  const wire::Access& use = report.accesses(0);
  const wire::Access& free = report.accesses(1);
  const bool is_call = report.kind() == "vptr-use-after-free";
  return absl::StrCat(Capitalized(TaskLabel(process, use.task())),
                      is_call       ? " makes a virtual call on an object"
                      : use.write() ? " writes to memory"
                                    : " reads memory",
                      PlaceOfAccess(process, report, use), " that ", TaskLabel(process, free.task()),
                      " has freed", PlaceOfAccess(process, report, free), ". Nothing orders the two.");
}

// "G2 locked mutex a at f (a.cc:3) while it held mutex b", "G3 sent on channel c at ...".
std::string LockStepText(const ProcessModel& process, const wire::LockStep& step) {
  const std::string held = step.held().object() == 0
                               ? ""
                               : absl::StrCat(" while it held ", ObjectLabel(process, step.held().object()));
  return absl::StrCat(step.task() == 0 ? "a task" : TaskLabel(process, step.task()), " ",
                      WaitVerb(process, step), " ", ObjectLabel(process, step.wanted().object()),
                      AtPlace(PlaceLabel(process, step.wanted().site())), held);
}

std::string ExplainLockOrder(const ProcessModel& process, const wire::SanitizerReport& report) {
  std::vector<std::string> parts;
  for (int i = 0; i < report.steps_size() && i < kMostSteps; ++i) {
    parts.push_back(LockStepText(process, report.steps(i)));
  }
  if (report.steps_size() > kMostSteps) parts.push_back("and so on round the circle");
  return absl::StrCat(
      Capitalized(absl::StrJoin(parts, "; ")),
      IsOfChannel(process, report)
          ? ". If the one stands at the channel before the other has got its lock, nobody is left who can come "
            "to "
            "the other side of the channel, and none of them can ever go on."
          : ". If they do it at the same time, each waits for a lock that the next one holds, and none of "
            "them can ever go on.",
      report.kind() == "likely-deadlock"
          ? " What tasks read is not in the trace, since the program was not built "
            "for it: it may be what keeps them apart."
          : "");
}

// What comes of it, if the order is the other one.
absl::string_view OutcomeOf(const wire::SanitizerReport& report) {
  if (absl::EndsWith(report.kind(), "-send-closed"))
    return "the close comes first, and the send ends the program";
  if (absl::EndsWith(report.kind(), "-close-closed")) return "either close comes second, and ends the program";
  return "the add does not come first, and the counter falls below zero, which ends the program";
}

// "G2 sends on channel Ch5 at g (a.cc:9), and main closes it at f (a.cc:3). ..."
std::string ExplainUse(const ProcessModel& process, const wire::SanitizerReport& report) {
  std::vector<std::string> parts;
  for (int i = 0; i < report.steps_size(); ++i) {
    const wire::LockStep& step = report.steps(i);
    const std::string what = i == 0 ? ObjectLabel(process, step.wanted().object()) : "it";
    parts.push_back(absl::StrCat(TaskLabel(process, step.task()), " ", StepVerb(report, i), " ", what,
                                 AtPlace(PlaceLabel(process, step.wanted().site()))));
  }
  const std::string told = absl::StrCat(Capitalized(absl::StrJoin(parts, ", and ")),
                                        ". In another order of the same events, in which every task does ");
  if (absl::StartsWith(report.kind(), "likely-")) {
    return absl::StrCat(
        told, "what it did, ", OutcomeOf(report),
        ". What tasks read is not in the trace, since the program was not built for it: it may be "
        "what keeps them apart.");
  }
  return absl::StrCat(told, "and reads what it did and read, ", OutcomeOf(report), ".");
}

// Of go-deadlock: one goroutine, or one that holds a lock and one that has waited long for it.
std::string ExplainOneLock(const ProcessModel& process, const wire::SanitizerReport& report) {
  const wire::LockStep* holder = nullptr;
  const wire::LockStep* waiter = nullptr;
  for (const wire::LockStep& step : report.steps()) {
    if (step.held().object() != 0) holder = &step;
    if (step.wanted().object() != 0) waiter = &step;
  }
  if (holder == nullptr || waiter == nullptr) return absl::StrCat(KindTitle(report), ".");
  const std::string waits = AtPlace(PlaceLabel(process, waiter->wanted().site()));
  const std::string took = AtPlace(PlaceLabel(process, holder->held().site()));
  const std::string lock = ObjectLabel(process, waiter->wanted().object());
  const std::string who = Capitalized(TaskLabel(process, waiter->task()));
  if (report.kind() == "recursive-lock") {
    return absl::StrCat(
        who, " locks ", lock, waits, ", which it has locked before", took,
        " and not given back. Only a lock that both times was taken for reading is got a second time.");
  }
  return absl::StrCat(who, " wants ", lock, waits, ", which ", TaskLabel(process, holder->task()),
                      " has locked", took, ". go-deadlock says: ", report.title(),
                      ". That it is never given back nothing proves.");
}

std::string ExplainLeak(const ProcessModel& process, const wire::SanitizerReport& report) {
  const wire::Task* task = process.FindTask(report.tasks(0));
  const std::string place = task == nullptr ? "" : PlaceOfStack(process, task->create_stack());
  const uint64_t count = uint64_t{1} + report.similar();
  const std::string who =
      count == 1 ? Capitalized(TaskLabel(process, report.tasks(0))) : absl::StrCat(count, " threads");
  return absl::StrCat(who, place.empty() ? "" : absl::StrCat(", started at ", place, ","),
                      " finished, but nobody joined or detached ", count == 1 ? "it." : "them.");
}

// What the signal handler did, as far as its stack tells: the function of the C library that it called.
std::string ExplainSignal(const ProcessModel& process, const wire::SanitizerReport& report) {
  const wire::Stack* stack = process.FindStack(report.stacks(0).stack());
  const std::string place = AtPlace(PlaceOfStack(process, report.stacks(0).stack()));
  if (report.kind() == "errno-in-signal") {
    return absl::StrCat(
        "The handler of a signal", place,
        " changed errno. The code that it interrupted may read a value that was never its own.");
  }
  const std::vector<FrameView> frames =
      stack == nullptr || stack->addresses_size() == 0
          ? std::vector<FrameView>()
          : ExpandFrames(process, absl::MakeConstSpan(stack->addresses().data(), 1));
  return absl::StrCat("A signal handler called ", frames.empty() ? "a function" : DisplayName(frames.front()),
                      place, ". It may have interrupted that very function half-way.");
}

// "Mutex g_m was destroyed while it was locked, at f (a.cc:3)": the title, of this mutex.
std::string ExplainMisuse(const ProcessModel& process, const wire::SanitizerReport& report) {
  std::string text = KindTitle(report);
  absl::string_view what = text;
  std::vector<std::string> mutexes;
  for (uint32_t id : report.objects()) mutexes.push_back(ObjectLabel(process, id));
  if (mutexes.size() == 1 && absl::ConsumePrefix(&what, "A mutex")) {
    text = Capitalized(absl::StrCat(mutexes.front(), what));
  } else if (!mutexes.empty()) {
    absl::StrAppend(&text, ": ", JoinedWithAnd(mutexes));
  }
  for (const wire::ReportStack& stack : report.stacks()) {
    const std::string place = AtPlace(PlaceOfStack(process, stack.stack()));
    if (place.empty()) continue;
    if (stack.role().empty()) absl::StrAppend(&text, ",", place);
    if (stack.role() == "and" && report.kind() == "destroy-locked")
      absl::StrAppend(&text, "; it had been locked", place);
  }
  return absl::StrCat(text, ".");
}

}  // namespace

std::string KindTitle(const wire::SanitizerReport& report) {
  if (report.kind() == "data-race" && IsMixed(report))
    return "An atomic and a plain access race for the same memory";
  const auto known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const ReportKind& one) { return one.word == report.kind(); });
  if (known != std::end(kKinds) && known->word != "other") return std::string(known->title);
  return absl::StrCat(report.reporter().empty() ? "A race detector" : report.reporter(),
                      " reported: ", report.title().empty() ? report.kind() : report.title());
}

absl::string_view StepVerb(const wire::SanitizerReport& report, int step) {
  if (absl::EndsWith(report.kind(), "-send-closed")) return step == 0 ? "sends on" : "closes";
  if (absl::EndsWith(report.kind(), "-close-closed")) return "closes";
  if (absl::EndsWith(report.kind(), "-negative-group")) return step == 0 ? "counts down" : "adds to";
  return "";
}

absl::string_view WaitVerb(const ProcessModel& process, const wire::LockStep& step) {
  const wire::Object* object = process.FindObject(step.wanted().object());
  if (object == nullptr || object->kind() != "channel") return "locked";
  return step.wanted().read() ? "received from" : "sent on";
}

bool IsOfChannel(const ProcessModel& process, const wire::SanitizerReport& report) {
  return std::any_of(report.steps().begin(), report.steps().end(),
                     [&](const wire::LockStep& step) { return WaitVerb(process, step) != "locked"; });
}

std::string ExplainReport(const ProcessModel& process, const wire::SanitizerReport& report) {
  const bool frees = absl::StrContains(report.kind(), "use-after-free") && report.accesses_size() == 2;
  if (frees) return ExplainUseAfterFree(process, report);
  if (report.accesses_size() > 0) return ExplainRace(process, report);
  if (report.kind() == "recursive-lock" || report.kind() == "lock-timeout")
    return ExplainOneLock(process, report);
  if (report.steps_size() > 0 && !StepVerb(report, 0).empty()) return ExplainUse(process, report);
  if (report.steps_size() > 0) return ExplainLockOrder(process, report);
  if (report.kind() == "thread-leak" && report.tasks_size() > 0) return ExplainLeak(process, report);
  const bool of_signal = report.kind() == "signal-unsafe" || report.kind() == "errno-in-signal";
  if (of_signal && report.stacks_size() > 0) return ExplainSignal(process, report);
  return ExplainMisuse(process, report);
}

const wire::MemoryPlace* PlaceAt(const wire::SanitizerReport& report, uint64_t address) {
  const wire::MemoryPlace* best = nullptr;
  for (const wire::MemoryPlace& place : report.places()) {
    const bool elsewhere =
        place.size() != 0 && (address < place.address() || address - place.address() >= place.size());
    if (elsewhere || Worth(place) == 0) continue;
    if (best == nullptr || Worth(place) > Worth(*best)) best = &place;
  }
  return best;
}

std::string MemoryLabel(const ProcessModel& process, const wire::MemoryPlace& place, uint64_t address) {
  const std::string bytes = place.size() == 0 ? "" : absl::StrCat(" of ", Counted(place.size(), "byte"));
  if (place.kind() == "heap") return absl::StrCat("a heap block", bytes);
  if (place.kind() == "stack") return absl::StrCat("memory on the stack of ", TaskLabel(process, place.task()));
  if (place.kind() == "tls") return absl::StrCat("thread-local memory of ", TaskLabel(process, place.task()));
  if (place.kind() == "fd") return absl::StrCat("file descriptor ", place.fd());
  if (place.kind() != "global") return absl::StrCat("a ", place.kind(), bytes);
  const std::string name = place.name().empty() ? "variable" : DisplayName(place.name());
  const uint64_t offset =
      address > place.address() && address - place.address() < place.size() ? address - place.address() : 0;
  return absl::StrCat("global ", name, offset == 0 ? "" : absl::StrCat("+0x", absl::Hex(offset)));
}

std::string MemoryOrigin(const ProcessModel& process, const wire::MemoryPlace& place) {
  const std::string at = AtPlace(PlaceOfStack(process, place.stack()));
  if (place.kind() == "global") {
    return place.file().empty() ? "" : absl::StrCat("declared at ", place.file(), ":", place.line());
  }
  if (place.kind() == "stack" || place.kind() == "tls") return "";
  const absl::string_view verb = place.kind() != "fd" ? "allocated" : place.closed() ? "closed" : "opened";
  return absl::StrCat(verb, " by ", TaskLabel(process, place.task()), at);
}

std::string AccessText(const EvidenceAccess& access) {
  const bool is_object = !access.object_type.empty();
  std::string text = is_object      ? absl::StrCat(access.write ? "changes a " : "reads a ", access.object_type)
                     : access.write ? "writes"
                                    : "reads";
  if (access.atomic) text += " atomically";
  if (access.size != 0) absl::StrAppend(&text, " ", Counted(access.size, "byte"));
  return access.address == 0 ? text : absl::StrCat(text, " at 0x", absl::Hex(access.address));
}

std::string OrderText(const ProcessModel& process, const EvidenceOrder& order) {
  const std::string from = TaskLabel(process, order.from), to = TaskLabel(process, order.to);
  const std::string released = AtPlace(PlaceLabel(process, order.released->site()));
  const std::string after =
      absl::StrCat("; nothing that the two did themselves makes known to ", to, " what ", from, " did since");
  if (order.acquired == nullptr) return absl::StrCat(from, " created ", to, released, after);
  return absl::StrCat(order.released->kind(), " of ", ObjectLabel(process, order.object), " by ", from,
                      released, ", then ", order.acquired->kind(), " by ", to,
                      AtPlace(PlaceLabel(process, order.acquired->site())), after);
}

}  // namespace stray::analyzer
