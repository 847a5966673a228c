// SPDX-License-Identifier: Apache-2.0
// timer_channel.h: the channels of timers and tickers, as far as channels and select have to know of them.
//
// Such a timer is in a heap only while somebody waits for its channel. At all other times it just has a due
// time, and whoever looks into the channel runs it first if that is over: nobody can tell the difference, but a
// ticker that nobody listens to costs nothing, keeps nothing alive, and does not look like something that could
// still wake somebody.
//
//   not pending --Reset--> pending, no heap --somebody waits--> pending, in a heap
//                             |     ^                               |     |
//      looked at when due     |     +------- nobody waits ----------+     | due
//                             v                                           v
//                        sends into the buffer, or drops          hands over to who waits
//
// Invariant, under the channel's lock: pending and somebody queued to receive => in a heap, or on the way to
// fire.
//
// The lock of the channel is that of the timer. Lock order: channel < TimerHeap's, the scheduler's.
//
// Source: Go's runtime/time.go since 1.23, maybeRunChan, blockTimerChan and unblockTimerChan.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_TIMER_CHANNEL_H_
#define STRAY_INSTRUMENTATION_RUNTIME_TIMER_CHANNEL_H_

#include "instrumentation/runtime/channel.h"

namespace stray::detail {

// All but the last with the channel's lock held, and for any channel that is `fed_by_timer`: that lies beside
// what an operation reads anyhow. One that a context closes has no timer of its own.

// Before anybody looks at what is in the channel, or takes it out.
void RunTimerIfDueSlow(Channel* channel);
inline void RunTimerIfDue(Channel* channel) {
  if (channel->fed_by_timer) [[unlikely]]
    RunTimerIfDueSlow(channel);
}
// A task has been queued to receive, and is about to park. True if it will go on by itself, as things are.
bool StartTimerForWaiter(Channel* channel);
// A task has left the queue without a value.
void StopTimerIfNobodyWaits(Channel* channel);

// Nobody has the channel any more.
void DeleteTimer(TimerState* timer);

}  // namespace stray::detail

#endif  // STRAY_INSTRUMENTATION_RUNTIME_TIMER_CHANNEL_H_
