// SPDX-License-Identifier: Apache-2.0
// words.h: the numbers of the black box as the words of the dump.
//
// The words are those of agent/wire/*.inc, and for the small enums without a list those that dump.proto
// names beside its fields. A number that is in no list gives an empty word.
#ifndef STRAY_ANALYZER_LOAD_WORDS_H_
#define STRAY_ANALYZER_LOAD_WORDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// From agent/wire/*.inc.
absl::string_view WaitReasonWord(uint64_t number);
absl::string_view ObjectKindWord(uint64_t number);
absl::string_view EventKindWord(uint64_t number);
absl::string_view MisuseKindWord(uint64_t number);
absl::string_view LossWord(uint64_t number);

// From the enums of agent/wire/black_box.h.
absl::string_view ProcessStateWord(uint64_t number);
absl::string_view SnapshotReasonWord(uint64_t number);
absl::string_view ReachStateWord(uint64_t number);
// A sentence without its end; "": nothing is missing.
absl::string_view WhyNoReach(uint64_t number);
absl::string_view UseSideWord(absl::string_view object_kind, uint64_t number);
absl::string_view TaskKindWord(uint64_t number);
absl::string_view TaskStateWord(uint64_t number);
absl::string_view GapKindWord(uint64_t number);
absl::string_view RegionWord(uint64_t number);

// Whether another reason, with a smaller number, has the same word.
bool IsWordTaken(uint64_t wait_reason);

// Whether a wait for this reason is a wait on a condition, which has given up a mutex meanwhile.
bool IsConditionWait(uint64_t wait_reason);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_WORDS_H_
