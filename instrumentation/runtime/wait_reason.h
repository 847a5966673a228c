// SPDX-License-Identifier: Apache-2.0
// wait_reason.h: the reasons of agent/wire/wait_reasons.inc, for the runtime.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_WAIT_REASON_H_
#define STRAY_INSTRUMENTATION_RUNTIME_WAIT_REASON_H_

#include <cstdint>

namespace stray::runtime {

enum class WaitReason : uint16_t {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) enumerator = number,
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
};

// As in reports: "chan receive".
const char* WaitReasonWord(WaitReason reason);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_WAIT_REASON_H_
