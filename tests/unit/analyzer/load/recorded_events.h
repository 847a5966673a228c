// SPDX-License-Identifier: Apache-2.0
// recorded_events.h: what the threads of a process have recorded, as a test writes it: in one order, for which
// it gets its values of the clock.
#ifndef STRAY_TESTS_UNIT_ANALYZER_LOAD_RECORDED_EVENTS_H_
#define STRAY_TESTS_UNIT_ANALYZER_LOAD_RECORDED_EVENTS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "agent/wire/black_box.h"
#include "analyzer/load/trace_blocks.h"

namespace stray::analyzer {

class RecordedEvents {
 public:
  // The words of an event as they are.
  void Words(uint32_t stream, std::vector<uint64_t> words) {
    EXPECT_TRUE(packers_.try_emplace(stream, stream).first->second.Add(words));
    last_stream_ = stream;
  }
  // Closes the block of a stream: what follows stands in the next.
  void EndBlock(uint32_t stream) { blocks_.push_back(*packers_.at(stream).Finish()); }

  // Accesses.
  void Read(uint32_t stream, uint64_t address, uint8_t bytes, uint64_t site = 0) {
    Access(stream, trace::FirstWord(trace::Op::kRead, bytes, address), site);
  }
  void Write(uint32_t stream, uint64_t address, uint8_t bytes, uint64_t site = 0) {
    Access(stream, trace::FirstWord(trace::Op::kWrite, bytes, address), site);
  }
  void WriteRange(uint32_t stream, uint64_t address, uint64_t bytes) {
    Time(stream);
    Words(stream, {trace::FirstWord(trace::Op::kWriteRange, 0, address), 0, bytes});
  }

  // What a hook saw, and what it tells of before and after that.
  void Hook(uint32_t stream, box::EventKind kind, uint32_t object, uint64_t site = 0) {
    Ordered(stream, trace::Op::kHook, static_cast<uint8_t>(kind), object, site);
  }
  void Begun(uint32_t stream, box::EventKind kind, uint32_t object) {
    Ordered(stream, trace::Op::kHookBegun, static_cast<uint8_t>(kind), object);
  }
  void Left(uint32_t stream, box::EventKind kind, uint32_t object) {
    Ordered(stream, trace::Op::kHookLeft, static_cast<uint8_t>(kind), object);
  }

  // Any operation whose second word is the clock.
  void Ordered(uint32_t stream, trace::Op op, uint8_t argument, uint64_t operand, uint64_t third = 0) {
    std::vector<uint64_t> words = {trace::FirstWord(op, argument, operand), ++clock_, third};
    words.resize(trace::WordsOf(op));
    Words(stream, words);
  }
  // Any that has one word.
  void Plain(uint32_t stream, trace::Op op, uint64_t operand) {
    Words(stream, {trace::FirstWord(op, 0, operand)});
  }

  // All that there is, each stream in one more block. What is added afterwards begins anew.
  std::vector<wire::TraceBlock> Blocks() {
    for (auto& [stream, packer] : packers_) {
      if (packer.size() != 0) EndBlock(stream);
    }
    packers_.clear();
    return std::exchange(blocks_, {});
  }

 private:
  void Access(uint32_t stream, uint64_t first, uint64_t site) {
    Time(stream);
    Words(stream, {first, site});
  }
  // As the recorder: if another thread has moved the clock, or has been here in a test.
  void Time(uint32_t stream) {
    if (stream != last_stream_) Words(stream, {trace::FirstWord(trace::Op::kTime, 0, ++clock_)});
  }

  std::map<uint32_t, TracePacker> packers_;
  std::vector<wire::TraceBlock> blocks_;
  uint64_t clock_ = 0;
  uint32_t last_stream_ = 0;
};

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_LOAD_RECORDED_EVENTS_H_
