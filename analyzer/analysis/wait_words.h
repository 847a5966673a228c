// SPDX-License-Identifier: Apache-2.0
// wait_words.h: what the words of wait_reasons.inc say about the end of a wait.
#ifndef STRAY_ANALYZER_ANALYSIS_WAIT_WORDS_H_
#define STRAY_ANALYZER_ANALYSIS_WAIT_WORDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Who can end a wait that has no timeout. The same enumerators as in wait_reasons.inc.
enum class Waker { kHolder, kTask, kAnyTask, kOutside, kTimer, kNobody };

struct WaitWord {
  uint32_t number = 0;  // in wait_reasons.inc; 0: not known
  absl::string_view word;
  Waker waker = Waker::kOutside;
  absl::string_view object_kind;  // a word of object_kinds.inc
};

// The name of the call, also where frames have refined the wait reason: "futex" for "std::future::get".
absl::string_view CallOf(const wire::TaskState& state);

// The word of a number of wait_reasons.inc; "": this version does not know it.
absl::string_view WaitWordOf(uint32_t number);

// The word of object_kinds.inc for what such a wait is for; "": nothing, or not known.
absl::string_view WaitedKindOf(uint32_t number);

// True for "select", which is a call that waits for descriptors, and a statement that waits for channels.
bool IsAmbiguous(absl::string_view wait_reason);

// What is known about the wait of `state`. A word that this version does not know, of a newer agent, counts
// as a wait that the outside can end: never a proof of anything.
WaitWord WaitOf(const ProcessModel& process, const wire::TaskState& state);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_WAIT_WORDS_H_
