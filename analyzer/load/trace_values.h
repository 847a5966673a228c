// SPDX-License-Identifier: Apache-2.0
// trace_values.h: who put the values into buffers of channels that others take out, in a recorded trace.
#ifndef STRAY_ANALYZER_LOAD_TRACE_VALUES_H_
#define STRAY_ANALYZER_LOAD_TRACE_VALUES_H_

#include <cstdint>
#include <list>
#include <optional>
#include <queue>

#include "absl/container/flat_hash_map.h"
#include "agent/wire/channel_turns.h"

namespace stray::analyzer {

// Values leave a buffer in the order in which they came. Follows the turns of all channels; knows of a channel
// nothing more once its turns cannot be all there are, as some were lost.
class BufferedValues {
 public:
  struct Put {
    uint32_t by = 0;  // whatever the caller counts
    uint64_t time_ns = 0;
  };

  // A channel was made there: the address means no older one from now on.
  void Make(uint64_t channel, uint64_t capacity) {
    Buffer& buffer = buffers_[channel] = Buffer();
    buffer.capacity = capacity;
  }

  // Events were lost.
  void Forget() { buffers_.clear(); }

  // A turn was told at `address`: if a value leaves a buffer, who put it there. Nullopt: none does, or that is
  // not known.
  std::optional<Put> Turn(uint64_t address, const Put& now) {
    if (Buffer* buffer = Known(address - trace::PutTurn(0)); buffer != nullptr) {
      buffer->is_cut = buffer->is_cut || buffer->values.size() == buffer->capacity;
      if (!buffer->is_cut) buffer->values.push(now);
      return std::nullopt;
    }
    Buffer* const buffer = Known(address - trace::TakeTurn(0));
    if (buffer == nullptr) return std::nullopt;
    buffer->is_cut = buffer->is_cut || buffer->values.empty();
    if (buffer->is_cut) return std::nullopt;
    const Put put = buffer->values.front();
    buffer->values.pop();
    return put;
  }

 private:
  struct Buffer {
    uint64_t capacity = 0;
    bool is_cut = false;
    std::queue<Put, std::list<Put>> values;  // a deque takes half a KiB while it is empty
  };

  Buffer* Known(uint64_t channel) {
    const auto found = buffers_.find(channel);
    return found == buffers_.end() ? nullptr : &found->second;
  }

  absl::flat_hash_map<uint64_t, Buffer> buffers_;  // by address of the channel
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_VALUES_H_
