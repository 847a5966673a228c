// SPDX-License-Identifier: Apache-2.0
// kinds.h: the numbers of wait reasons, objects, events, misuses and losses, as the lists in *.inc give them.
#ifndef STRAY_AGENT_WIRE_KINDS_H_
#define STRAY_AGENT_WIRE_KINDS_H_

#include <cstdint>

namespace stray::box {

enum class WaitReason : uint16_t {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) enumerator = number,
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
};

enum class ObjectKind : uint8_t {
#define STRAY_OBJECT_KIND(number, enumerator, word) enumerator = number,
#include "agent/wire/object_kinds.inc"
#undef STRAY_OBJECT_KIND
};

enum class EventKind : uint8_t {
#define STRAY_EVENT_KIND(number, enumerator, word) enumerator = number,
#include "agent/wire/event_kinds.inc"
#undef STRAY_EVENT_KIND
};

enum class MisuseKind : uint16_t {
#define STRAY_MISUSE_KIND(number, enumerator, word, sentence) enumerator = number,
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
};

enum class Loss : uint32_t {
#define STRAY_LOSS(enumerator, word, sentence, severity) enumerator,
#include "agent/wire/losses.inc"
#undef STRAY_LOSS
  kCount
};

}  // namespace stray::box

#endif  // STRAY_AGENT_WIRE_KINDS_H_
