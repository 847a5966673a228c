// SPDX-License-Identifier: Apache-2.0
// channel_turns.h: where the runtime tells a trace in which order values go through the buffer of a channel.
//
// Under the channel's lock, as order without memory (kOrderOnly): a kRelease at PutTurn() for each value that
// comes in, a kRelease at TakeTurn() for each that leaves; who finds the buffer full or empty acquires both.
#ifndef STRAY_AGENT_WIRE_CHANNEL_TURNS_H_
#define STRAY_AGENT_WIRE_CHANNEL_TURNS_H_

#include <cstdint>

namespace stray::trace {

// Of the channel at this address, which is of nothing else: channels are aligned to more than two bytes.
constexpr uint64_t PutTurn(uint64_t channel) { return channel + 1; }
constexpr uint64_t TakeTurn(uint64_t channel) { return channel + 2; }

}  // namespace stray::trace

#endif  // STRAY_AGENT_WIRE_CHANNEL_TURNS_H_
