// SPDX-License-Identifier: Apache-2.0
// channels.cc: what goroutines do to channels and wait groups, as the runtime tells it
// (instrumentation/tsan/channel_steps.h).
#include "instrumentation/trace/recorder.h"

using namespace stray::trace;  // NOLINT: below is the library's C face

// It orders nothing, so all it needs of the clock is to be later than what is known to be before.
STRAY_TRACE_API void stray_trace_channel(unsigned step, const void* channel, const void* caller) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  WriteTime(cursor);
  TellFramesIfNew(cursor);
  Write2(cursor, FirstWord(Op::kChannel, static_cast<uint8_t>(step), AddressOf(channel)),
         reinterpret_cast<uint64_t>(caller));
}

STRAY_TRACE_API void stray_trace_channel_made(const void* channel, size_t capacity, const void* caller) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  WriteTime(cursor);
  TellFramesIfNew(cursor);
  Write3(cursor, FirstWord(Op::kChannelMade, 1, AddressOf(channel)), reinterpret_cast<uint64_t>(caller),
         capacity);
}

STRAY_TRACE_API void stray_trace_group(unsigned step, const void* group, int32_t change, const void* caller) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  WriteTime(cursor);
  TellFramesIfNew(cursor);
  Write3(cursor, FirstWord(Op::kGroup, static_cast<uint8_t>(step), AddressOf(group)),
         reinterpret_cast<uint64_t>(caller), PackChange(change));
}
