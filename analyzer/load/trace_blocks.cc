// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_blocks.h"

#include <zstd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/load/varint.h"

namespace stray::analyzer {
namespace {

using trace::Op;

constexpr int kZstdLevel = 1;  // while the program waits

// What the parts of an event are, besides operation and argument, which belong to its shape.
enum class Part : uint8_t {
  kNone,
  kShape,  // belongs to it, too
  kDelta,  // of the last of the same shape
  kClock,
  kNumber,
};
struct Layout {
  Part operand = Part::kNone, second = Part::kNone, third = Part::kNone;
};

constexpr Layout LayoutOf(Op op) {
  switch (op) {
    case Op::kRead:
    case Op::kWrite:
      return {Part::kDelta, Part::kShape, Part::kNone};
    case Op::kReadRange:
    case Op::kWriteRange:
      return {Part::kDelta, Part::kShape, Part::kNumber};
    case Op::kEnter:
    case Op::kExit:
    case Op::kNoFrames:
    case Op::kLost:
    case Op::kMachine:
    case Op::kPoint:
      return {Part::kShape, Part::kNone, Part::kNone};
    case Op::kTime:
      return {Part::kClock, Part::kNone, Part::kNone};
    case Op::kHook:
    case Op::kHookBegun:
    case Op::kHookLeft:
    case Op::kRequest:
    case Op::kLockTaken:
    case Op::kLockGiven:
    case Op::kWait:
    case Op::kPark:
      return {Part::kDelta, Part::kClock, Part::kShape};
    case Op::kRelease:
    case Op::kAcquire:
    case Op::kForget:
    case Op::kFiberCreate:
    case Op::kFiberSwitch:
    case Op::kFiberEnd:
    case Op::kEnd:
    case Op::kWaitEnd:
    case Op::kReady:
      return {Part::kDelta, Part::kClock, Part::kNone};
    case Op::kNow:
      return {Part::kDelta, Part::kNone, Part::kNone};
    case Op::kFiberText:
      return {Part::kDelta, Part::kNumber, Part::kNumber};
    case Op::kFiberName:
      return {Part::kDelta, Part::kNumber, Part::kNone};
    case Op::kNewMemory:
    case Op::kThreadMemory:
    case Op::kBegin:
      return {Part::kDelta, Part::kClock, Part::kNumber};
    case Op::kChannel:
      return {Part::kDelta, Part::kShape, Part::kNone};
    case Op::kChannelMade:
    case Op::kGroup:
      return {Part::kDelta, Part::kShape, Part::kNumber};
    case Op::kNone:
      break;
  }
  return {};
}

// Small numbers of either sign are small.
uint64_t ZigZag(uint64_t difference) {
  return difference << 1 ^ (static_cast<int64_t>(difference) < 0 ? ~uint64_t{0} : 0);
}
uint64_t UnZigZag(uint64_t value) { return value >> 1 ^ (~(value & 1) + 1); }

// The part of an event that is the same in each of its shape.
std::pair<uint64_t, uint64_t> KeyOf(const TraceWords& event, const Layout& layout) {
  const uint64_t first = layout.operand == Part::kShape ? event.first : event.first & 0xffff;
  const uint64_t place = layout.second == Part::kShape  ? event.second
                         : layout.third == Part::kShape ? event.third
                                                        : 0;
  return {first, place};
}

}  // namespace

void TracePacker::AddEvent(const TraceWords& event) {
  const Layout layout = LayoutOf(event.op());
  const ShapeKey key = KeyOf(event, layout);
  const auto [it, is_new] = shapes_.try_emplace(key, Shape{static_cast<uint32_t>(shapes_.size() + 1), 0});
  Shape& shape = it->second;
  AppendVarint(is_new ? 0 : shape.number, raw_);
  if (is_new) {
    AppendVarint(key.first, raw_);
    AppendVarint(key.second, raw_);
  }
  const auto add = [&](Part part, uint64_t value) {
    if (part == Part::kDelta) {
      AppendVarint(ZigZag(value - shape.last_operand), raw_);
      shape.last_operand = value;
    } else if (part == Part::kClock) {
      AppendVarint(ZigZag(value - last_clock_), raw_);
      last_clock_ = value;
    } else if (part == Part::kNumber) {
      AppendVarint(value, raw_);
    }
  };
  add(layout.operand, event.operand());
  add(layout.second, event.second);
  add(layout.third, event.third);
  ++events_;
}

bool TracePacker::Add(absl::Span<const uint64_t> words) {
  for (size_t i = 0; i < words.size() && words[i] != 0;) {
    const size_t count = trace::WordsOf(trace::OpOf(words[i]));
    if (count == 0 || words.size() - i < count) return false;
    AddEvent({words[i], count > 1 ? words[i + 1] : 0, count > 2 ? words[i + 2] : 0});
    i += count;
  }
  return true;
}

absl::StatusOr<wire::TraceBlock> TracePacker::Finish() {
  wire::TraceBlock block;
  block.set_stream(stream_);
  block.set_number(blocks_++);
  block.set_event_count(events_);
  std::string& out = *block.mutable_events();
  out.resize(ZSTD_compressBound(raw_.size()));
  const size_t size = ZSTD_compress(out.data(), out.size(), raw_.data(), raw_.size(), kZstdLevel);
  if (ZSTD_isError(size)) return absl::InternalError(absl::StrCat("zstd: ", ZSTD_getErrorName(size)));
  out.resize(size);
  raw_.clear();
  shapes_.clear();
  events_ = 0;
  last_clock_ = 0;
  return block;
}

absl::Status TraceBlockReader::Open(const wire::TraceBlock& block) {
  raw_ = {};
  count_ = taken_ = 0;
  shapes_.clear();
  last_clock_ = 0;
  const std::string& frame = block.events();
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostTraceBlockBytes)
    return status_ = absl::DataLossError("it is no zstd frame of a size that is allowed");
  if (block.event_count() > size) return status_ = absl::DataLossError("it claims more events than bytes");
  bytes_.resize(size);
  const size_t got = ZSTD_decompress(bytes_.data(), bytes_.size(), frame.data(), frame.size());
  if (ZSTD_isError(got)) return status_ = absl::DataLossError(ZSTD_getErrorName(got));
  if (got != size) return status_ = absl::DataLossError("it is shorter than it claims");
  raw_ = bytes_;
  count_ = block.event_count();
  return status_ = absl::OkStatus();
}

const TraceWords* TraceBlockReader::Next() {
  if (taken_ == count_) {
    if (!raw_.empty() && status_.ok()) status_ = absl::DataLossError("there is more than it claims");
    return nullptr;
  }
  if (!status_.ok()) return nullptr;
  if (!TakeEvent()) {
    status_ = absl::DataLossError(absl::StrCat("event ", taken_ + 1, " of ", count_, " is malformed"));
    return nullptr;
  }
  ++taken_;
  return &event_;
}

bool TraceBlockReader::TakePart(uint8_t part, Shape& shape, uint64_t& value) {
  uint64_t number = 0;
  switch (static_cast<Part>(part)) {
    case Part::kNone:
      value = 0;
      return true;
    case Part::kShape:
      value = shape.place;
      return true;
    case Part::kDelta:
      if (!TakeVarint(raw_, number)) return false;
      value = shape.last_operand = (shape.last_operand + UnZigZag(number)) & trace::kOperandMask;
      return true;
    case Part::kClock:
      if (!TakeVarint(raw_, number)) return false;
      value = last_clock_ += UnZigZag(number);
      return true;
    case Part::kNumber:
      return TakeVarint(raw_, value);
  }
  return false;
}

bool TraceBlockReader::TakeEvent() {
  uint64_t number = 0;
  if (!TakeVarint(raw_, number)) return false;
  if (number == 0) {
    Shape shape = {};
    if (!TakeVarint(raw_, shape.first) || !TakeVarint(raw_, shape.place)) return false;
    const Op op = trace::OpOf(shape.first);
    if (trace::WordsOf(op) == 0) return false;
    const Layout layout = LayoutOf(op);
    shape.parts = {static_cast<uint8_t>(layout.operand), static_cast<uint8_t>(layout.second),
                   static_cast<uint8_t>(layout.third)};
    shapes_.push_back(shape);
    number = shapes_.size();
  }
  if (number > shapes_.size()) return false;
  Shape& shape = shapes_[number - 1];
  uint64_t operand = 0;
  if (static_cast<Part>(shape.parts[0]) == Part::kShape) {
    operand = trace::OperandOf(shape.first);
  } else if (!TakePart(shape.parts[0], shape, operand)) {
    return false;
  }
  event_.first = (shape.first & 0xffff) | operand << 16;
  return TakePart(shape.parts[1], shape, event_.second) && TakePart(shape.parts[2], shape, event_.third);
}

absl::Status UnpackTraceBlock(const wire::TraceBlock& block, std::vector<TraceWords>& events) {
  TraceBlockReader reader;
  if (absl::Status status = reader.Open(block); !status.ok()) return status;
  events.reserve(events.size() + block.event_count());
  while (const TraceWords* event = reader.Next()) events.push_back(*event);
  return reader.status();
}

}  // namespace stray::analyzer
