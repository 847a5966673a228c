// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wait_words.h"

#include <algorithm>
#include <iterator>

namespace stray::analyzer {
namespace {

struct KindEntry {
  absl::string_view enumerator;
  absl::string_view word;
};

constexpr KindEntry kObjectKinds[] = {
#define STRAY_OBJECT_KIND(number, enumerator, word) {#enumerator, word},
#include "agent/wire/object_kinds.inc"
#undef STRAY_OBJECT_KIND
};

constexpr absl::string_view ObjectKindWord(absl::string_view enumerator) {
  for (const KindEntry& entry : kObjectKinds) {
    if (entry.enumerator == enumerator) return entry.word;
  }
  return "";
}

constexpr WaitWord kWaitWords[] = {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) \
  {number, word, Waker::waker, ObjectKindWord(#object_kind)},
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
};

}  // namespace

absl::string_view CallOf(const wire::TaskState& state) {
  return state.call().empty() ? state.wait_reason() : state.call();
}

absl::string_view WaitWordOf(uint32_t number) {
  const auto* const it = std::find_if(std::begin(kWaitWords), std::end(kWaitWords),
                                      [number](const WaitWord& entry) { return entry.number == number; });
  return it == std::end(kWaitWords) ? "" : it->word;
}

absl::string_view WaitedKindOf(uint32_t number) {
  const auto* const it = std::find_if(std::begin(kWaitWords), std::end(kWaitWords),
                                      [number](const WaitWord& entry) { return entry.number == number; });
  return it == std::end(kWaitWords) ? "" : it->object_kind;
}

bool IsAmbiguous(absl::string_view wait_reason) {
  return std::count_if(std::begin(kWaitWords), std::end(kWaitWords),
                       [&](const WaitWord& entry) { return entry.word == wait_reason; }) > 1;
}

WaitWord WaitOf(const ProcessModel& process, const wire::TaskState& state) {
  const absl::string_view call = CallOf(state);
  const wire::Object* object = process.FindObject(state.object());
  const WaitWord* first = nullptr;
  for (const WaitWord& entry : kWaitWords) {
    if (entry.word != call) continue;
    // "select" is both the system call and the runtime's statement: the number or the object tells which.
    if (state.wait_number() == entry.number) return entry;
    if (object != nullptr && object->kind() == entry.object_kind) return entry;
    if (first == nullptr) first = &entry;
  }
  return first == nullptr ? WaitWord{0, call, Waker::kOutside, ""} : *first;
}

}  // namespace stray::analyzer
