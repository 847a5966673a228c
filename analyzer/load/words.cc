// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "agent/wire/black_box.h"
#include "agent/wire/reach.h"

namespace stray::analyzer {
namespace {

// Looks `number` up in a list of words that counts from `first`.
template <size_t kSize>
absl::string_view WordAt(const std::array<absl::string_view, kSize>& words, uint64_t number, uint64_t first) {
  return number >= first && number - first < kSize ? words[number - first] : absl::string_view();
}

constexpr std::array<absl::string_view, 6> kProcessStates = {"running", "running", "exiting",
                                                             "exited",  "crashed", "exec"};
constexpr std::array<absl::string_view, 8> kSnapshotReasons = {"",        "exit", "quick_exit", "crash",
                                                               "request", "hang", "timeout",    "test"};
constexpr std::array<absl::string_view, 12> kReachStates = {"",          "complete",  "no heap",  "own heap",
                                                            "sanitizer", "not still", "no copy",  "no memory",
                                                            "died",      "no space",  "too long", "not ended"};
constexpr std::array<absl::string_view, 3> kTaskKinds = {"thread", "goroutine", "fiber"};
// A task that was created and has not begun yet only waits for a processor.
constexpr std::array<absl::string_view, 6> kTaskStates = {"",        "runnable", "running",
                                                          "blocked", "finished", "runnable"};
// Kind of object -> its sides, as runtime_abi::UseSide numbers them.
constexpr std::pair<absl::string_view, std::array<absl::string_view, 3>> kUseSides[] = {
    {"channel", {"send", "receive", "close"}},
    {"condition", {"signal", "wait", ""}},
    {"wait group", {"done", "", ""}},
    {"semaphore", {"release", "acquire", ""}}};
constexpr std::array<absl::string_view, 6> kGapKinds = {"deepbind",   "namespace",   "raw_thread",
                                                        "table_full", "not_entered", "libc_thread"};
constexpr std::array<absl::string_view, static_cast<size_t>(box::RegionId::kCount)> kRegions = {
    "tasks",   "objects", "stacks", "words",    "lock chains",  "pool",      "misuses",
    "modules", "strings", "gaps",   "snapshot", "goroutines",   "creations", "lives",
    "held",    "cases",   "uses",   "prints",   "report tasks", "reach"};

}  // namespace

absl::string_view WaitReasonWord(uint64_t number) {
  switch (number) {
#define STRAY_WAIT_REASON(value, enumerator, word, waker, object_kind) \
  case value:                                                          \
    return word;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  }
  return {};
}

absl::string_view ObjectKindWord(uint64_t number) {
  switch (number) {
#define STRAY_OBJECT_KIND(value, enumerator, word) \
  case value:                                      \
    return word;
#include "agent/wire/object_kinds.inc"
#undef STRAY_OBJECT_KIND
  }
  return {};
}

absl::string_view EventKindWord(uint64_t number) {
  switch (number) {
#define STRAY_EVENT_KIND(value, enumerator, word) \
  case value:                                     \
    return word;
#include "agent/wire/event_kinds.inc"
#undef STRAY_EVENT_KIND
  }
  return {};
}

absl::string_view MisuseKindWord(uint64_t number) {
  switch (number) {
#define STRAY_MISUSE_KIND(value, enumerator, word, sentence) \
  case value:                                                \
    return word;
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
  }
  return {};
}

absl::string_view LossWord(uint64_t number) {
  switch (static_cast<box::Loss>(number)) {
#define STRAY_LOSS(enumerator, word, sentence, severity) \
  case box::Loss::enumerator:                            \
    return word;
#include "agent/wire/losses.inc"
#undef STRAY_LOSS
    case box::Loss::kCount:
      break;
  }
  return {};
}

absl::string_view ProcessStateWord(uint64_t number) { return WordAt(kProcessStates, number, 0); }
absl::string_view SnapshotReasonWord(uint64_t number) { return WordAt(kSnapshotReasons, number, 0); }
absl::string_view ReachStateWord(uint64_t number) { return WordAt(kReachStates, number, 0); }
absl::string_view WhyNoReach(uint64_t number) {
  switch (static_cast<box::ReachState>(number)) {
    case box::ReachState::kNotAsked:
    case box::ReachState::kComplete:
      return "";
    case box::ReachState::kNoHeap:
      return "libstray_heap.so is not in the process";
    case box::ReachState::kOwnHeap:
      return "the program brings a malloc of its own, whose blocks are not known";
    case box::ReachState::kSanitizer:
      return "a sanitizer is in the program, and its own memory leads to everything";
    case box::ReachState::kNotStill:
      return "some thread could not be stopped";
    case box::ReachState::kNoFork:
      return "the kernel refused to copy the process";
    case box::ReachState::kNoMemory:
      return "there was not enough memory";
    case box::ReachState::kDied:
      return "the copy of the process that was to find out has crashed";
    case box::ReachState::kNoSpace:
      return "the answer does not fit into the black box";
    case box::ReachState::kTooLong:
      return "it would have taken more than a minute";
    case box::ReachState::kNotEnded:
      return "the process ended while it was being found out";
  }
  return "the agent is of another version";
}
absl::string_view TaskKindWord(uint64_t number) { return WordAt(kTaskKinds, number, 1); }
absl::string_view TaskStateWord(uint64_t number) { return WordAt(kTaskStates, number, 0); }
absl::string_view GapKindWord(uint64_t number) { return WordAt(kGapKinds, number, 1); }
absl::string_view UseSideWord(absl::string_view object_kind, uint64_t number) {
  for (const auto& [kind, sides] : kUseSides) {
    if (kind == object_kind && number < sides.size()) return sides[number];
  }
  return {};
}
absl::string_view RegionWord(uint64_t number) { return WordAt(kRegions, number, 0); }

bool IsWordTaken(uint64_t wait_reason) {
  constexpr std::pair<uint64_t, absl::string_view> kReasons[] = {
#define STRAY_WAIT_REASON(value, enumerator, word, waker, object_kind) {value, word},
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  };
  const absl::string_view word = WaitReasonWord(wait_reason);
  return std::any_of(std::begin(kReasons), std::end(kReasons), [&](const auto& reason) {
    return reason.first < wait_reason && reason.second == word && !word.empty();
  });
}

bool IsConditionWait(uint64_t wait_reason) {
  using box::ObjectKind;
  switch (wait_reason) {
#define STRAY_WAIT_REASON(value, enumerator, word, waker, object_kind) \
  case value:                                                          \
    return ObjectKind::object_kind == ObjectKind::kCondition;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  }
  return false;
}

}  // namespace stray::analyzer
