// SPDX-License-Identifier: Apache-2.0
// trace_channels.h: what a recorded trace says of channels and wait groups, in the words of the engines.
#ifndef STRAY_ANALYZER_LOAD_TRACE_CHANNELS_H_
#define STRAY_ANALYZER_LOAD_TRACE_CHANNELS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "analyzer/load/trace_blocks.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

// Nullopt: that step is not known.
inline std::optional<TraceOp> OpOfChannelStep(uint8_t step) {
  switch (static_cast<trace::ChannelStep>(step)) {
    case trace::ChannelStep::kSend:
      return TraceOp::kSend;
    case trace::ChannelStep::kReceive:
      return TraceOp::kReceive;
    case trace::ChannelStep::kClose:
      return TraceOp::kClose;
    case trace::ChannelStep::kSelectSend:
      return TraceOp::kSelectSend;
    case trace::ChannelStep::kSelectReceive:
      return TraceOp::kSelectReceive;
    case trace::ChannelStep::kSent:
      return TraceOp::kSent;
    case trace::ChannelStep::kReceived:
      return TraceOp::kReceived;
    case trace::ChannelStep::kReceivedClosed:
      return TraceOp::kReceivedClosed;
    case trace::ChannelStep::kClosed:
      return TraceOp::kClosed;
    case trace::ChannelStep::kLeft:
      return TraceOp::kLeft;
    case trace::ChannelStep::kTrySend:
      return TraceOp::kTrySend;
    case trace::ChannelStep::kTryReceive:
      return TraceOp::kTryReceive;
    case trace::ChannelStep::kFed:
      return TraceOp::kFed;
  }
  return std::nullopt;
}

// What an event does to a wait group, and how often.
struct GroupChange {
  TraceOp op;
  uint64_t times;
};

// Nullopt: that step is not known, or it changes nothing.
inline std::optional<GroupChange> ChangeOf(const TraceWords& event) {
  const auto step = static_cast<trace::GroupStep>(event.argument());
  if (step == trace::GroupStep::kWait) return GroupChange{TraceOp::kWait, 1};
  if (step == trace::GroupStep::kWaited) return GroupChange{TraceOp::kWaited, 1};
  const int64_t change = trace::UnpackChange(event.third);
  if (step != trace::GroupStep::kChange || change == 0) return std::nullopt;
  return change > 0 ? GroupChange{TraceOp::kAdd, static_cast<uint64_t>(change)}
                    : GroupChange{TraceOp::kDone, uint64_t{0} - static_cast<uint64_t>(change)};
}

// Channels, or wait groups, numbered as they come. One that is made anew is another one than what lay there.
class ThingTable {
 public:
  struct Thing {
    uint64_t address;
    uint64_t capacity = 0;
    uint32_t made_at = 0;  // location, if that is known
    uint32_t made_by = 0;  // its callers
    bool is_made = false;  // that was seen
    bool is_cut = false;   // what is done to it is not told any more
  };

  uint32_t At(uint64_t address) {
    const auto [it, is_new] = numbers_.try_emplace(address, static_cast<uint32_t>(things_.size()));
    if (is_new) things_.push_back({.address = address});
    return it->second;
  }

  Thing& Make(uint64_t address) {
    numbers_[address] = static_cast<uint32_t>(things_.size());
    return things_.emplace_back(Thing{.address = address, .is_made = true});
  }

  Thing& operator[](uint32_t number) { return things_[number]; }
  // True if nothing was made there since.
  bool IsLast(uint32_t number) const { return numbers_.at(things_[number].address) == number; }
  std::vector<Thing>& things() { return things_; }

 private:
  absl::flat_hash_map<uint64_t, uint32_t> numbers_;  // by address
  std::vector<Thing> things_;
};

// The object of each in the model, 0 if it has none there, and what it is called. Of those that lay at one
// address the model can have the last one only.
void NameThings(const ProcessModel& process, absl::string_view kind, ThingTable& table,
                std::vector<uint32_t>& objects, std::vector<std::string>& names);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_CHANNELS_H_
