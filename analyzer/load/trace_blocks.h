// SPDX-License-Identifier: Apache-2.0
// trace_blocks.h: events of a trace, in the words that a process writes (agent/wire/trace_ring.h), packed for a
// dump, and back.
//
// An event is a shape, what is the same each time (the operation, the place in the program), and what changes:
// addresses as the difference to the last of the same shape, the clock as the difference to the last event's.
// Most take two or three bytes so, which zstd then makes one of (docs/FORMAT.md).
#ifndef STRAY_ANALYZER_LOAD_TRACE_BLOCKS_H_
#define STRAY_ANALYZER_LOAD_TRACE_BLOCKS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "agent/wire/dump.pb.h"
#include "agent/wire/trace_ring.h"

namespace stray::analyzer {

// Of a block, not compressed. As vectors of TraceWords, events need up to 24 times as much.
inline constexpr size_t kMostTraceBlockBytes = 8u << 20;

// An event: its words, those that it does not have being 0.
struct TraceWords {
  uint64_t first = 0, second = 0, third = 0;

  trace::Op op() const { return trace::OpOf(first); }
  uint8_t argument() const { return trace::ArgumentOf(first); }
  uint64_t operand() const { return trace::OperandOf(first); }
  bool operator==(const TraceWords& other) const = default;
};

// Packs the events of one stream.
class TracePacker {
 public:
  explicit TracePacker(uint32_t stream) : stream_(stream) {}

  // The next words of the stream, up to the first that is 0. False: there was what is no event; all before it
  // has been taken.
  bool Add(absl::Span<const uint64_t> words);

  // Bytes that Finish() would compress. Blocks of about a MiB compress well; those of more than
  // kMostTraceBlockBytes are not read.
  size_t size() const { return raw_.size(); }

  // What was added since the last time, as a block that can be read alone. Not for nothing: size() is 0 then.
  absl::StatusOr<wire::TraceBlock> Finish();

 private:
  struct Shape {
    uint32_t number;
    uint64_t last_operand;
  };
  using ShapeKey = std::pair<uint64_t, uint64_t>;

  void AddEvent(const TraceWords& event);

  uint32_t stream_;
  uint64_t blocks_ = 0;
  uint64_t events_ = 0;
  uint64_t last_clock_ = 0;
  std::string raw_;
  absl::flat_hash_map<ShapeKey, Shape> shapes_;
};

// Reads the events of a block one by one: a block is a MiB or so, its events would be ten times as much.
class TraceBlockReader {
 public:
  // Forgets the block before. kDataLoss: nothing can be read of this one.
  absl::Status Open(const wire::TraceBlock& block);

  // The next event, good until the next call; null at the end, or where the block is damaged, as status() says.
  const TraceWords* Next();
  const absl::Status& status() const { return status_; }

 private:
  struct Shape {
    uint64_t first, place;
    uint64_t last_operand;
    std::array<uint8_t, 3> parts;  // what operand, second and third word are
  };

  bool TakeEvent();
  bool TakePart(uint8_t part, Shape& shape, uint64_t& value);

  std::string bytes_;
  absl::string_view raw_;  // what is left of them
  uint64_t count_ = 0, taken_ = 0;
  std::vector<Shape> shapes_;
  uint64_t last_clock_ = 0;
  TraceWords event_;
  absl::Status status_;
};

// The events of a block, in order. kDataLoss: it is damaged; what could be read stands in `events`.
absl::Status UnpackTraceBlock(const wire::TraceBlock& block, std::vector<TraceWords>& events);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_BLOCKS_H_
