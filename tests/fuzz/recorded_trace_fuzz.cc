// SPDX-License-Identifier: Apache-2.0
// recorded_trace_fuzz.cc: any bytes as what the threads of a process have recorded. A row of pieces, each a
// block of a stream:
//
//   | kind:8 | stream:8 | bytes:16 |  and then, if kind is even, words as a process writes them,
//                                     if it is odd, | events:16 | zstd frame |
//
// Words come back as they were packed. What is read of all blocks is a timeline, and a trace that makes sense,
// as a text, too. What the engines find in it has witnesses that hold.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/load/recorded_findings.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/load/streamed_races.h"
#include "analyzer/load/trace_blocks.h"
#include "analyzer/load/trace_timeline.h"
#include "analyzer/load/write_trace.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"
#include "tests/fuzz/same_as_text.h"

namespace {

using namespace stray::analyzer;  // NOLINT: the whole file is about it
using stray::trace::Op;
using stray::trace::WordsOf;
namespace wire = stray::wire;

// More accesses than that are the memory of the machine, and not the reader.
constexpr uint64_t kMostBytes = 4 << 20;
constexpr size_t kMostForEngines = 1000;

void Require(bool holds) {
  if (!holds) std::abort();
}

class Pieces {
 public:
  explicit Pieces(absl::string_view bytes) : bytes_(bytes) {}

  // Adds the next piece to `blocks`. False: there is none.
  bool Next(std::vector<wire::TraceBlock>& blocks) {
    if (bytes_.size() < 4) return false;
    const bool has_frame = (bytes_[0] & 1) != 0;
    const auto stream = static_cast<uint8_t>(bytes_[1]);
    bytes_.remove_prefix(2);
    const absl::string_view content = Take(Take16());
    if (has_frame) {
      blocks.push_back(FrameBlock(stream, content));
    } else if (absl::StatusOr<wire::TraceBlock> block = WordsBlock(stream, content); block.ok()) {
      blocks.push_back(*std::move(block));
    }
    return true;
  }

 private:
  size_t Take16() {
    const absl::string_view two = Take(2);
    if (two.size() < 2) return 0;
    return static_cast<uint8_t>(two[0]) | size_t{static_cast<uint8_t>(two[1])} << 8;
  }

  absl::string_view Take(size_t size) {
    const absl::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

  wire::TraceBlock FrameBlock(uint32_t stream, absl::string_view content) {
    wire::TraceBlock block;
    block.set_stream(stream);
    block.set_number(numbers_[stream]++);
    if (content.size() < 2) return block;
    block.set_event_count(static_cast<uint8_t>(content[0]) | uint64_t{static_cast<uint8_t>(content[1])} << 8);
    block.set_events(std::string(content.substr(2)));
    return block;
  }

  // The first events of `words`, as WordsOf() has them.
  static std::vector<TraceWords> EventsOf(const std::vector<uint64_t>& words) {
    std::vector<TraceWords> events;
    for (size_t i = 0; i < words.size() && words[i] != 0;) {
      const size_t count = WordsOf(stray::trace::OpOf(words[i]));
      if (count == 0 || count > words.size() - i) break;
      events.push_back({words[i], count > 1 ? words[i + 1] : 0, count > 2 ? words[i + 2] : 0});
      i += count;
    }
    return events;
  }

  absl::StatusOr<wire::TraceBlock> WordsBlock(uint32_t stream, absl::string_view content) {
    std::vector<uint64_t> words(content.size() / 8);
    if (!words.empty()) std::memcpy(words.data(), content.data(), words.size() * 8);
    TracePacker packer(stream);
    packer.Add(words);
    absl::StatusOr<wire::TraceBlock> block = packer.Finish();
    if (!block.ok()) return block;
    std::vector<TraceWords> events;
    Require(UnpackTraceBlock(*block, events).ok() && events == EventsOf(words));
    block->set_number(numbers_[stream]++);
    return block;
  }

  absl::string_view bytes_;
  std::map<uint32_t, uint64_t> numbers_;  // of the next block of each stream
};

// Bytes that the events of `block` are about, beside those that are one each.
uint64_t RangeBytes(const wire::TraceBlock& block) {
  std::vector<TraceWords> events;
  const bool is_whole = UnpackTraceBlock(block, events).ok();
  Require(events.size() <= block.event_count() && (!is_whole || events.size() == block.event_count()));
  uint64_t bytes = 0;
  for (const TraceWords& event : events) {
    const bool has_range =
        event.op() == Op::kReadRange || event.op() == Op::kWriteRange || event.op() == Op::kThreadMemory;
    if (has_range) bytes += std::min(event.third, kMostBytes);
  }
  return bytes;
}

// Spans lie side by side within each life, and arrows lead from one life to another.
void CheckTimeline(ProcessModel process) {
  std::vector<std::string> damage;
  AddTimeline(process, {.spans = 100, .arrows = 20}, damage);
  const Timeline& timeline = *process.timeline;
  Require(timeline.SpanCount() <= 100 && timeline.arrows.size() <= 20);
  for (const TaskLife& life : timeline.lives) {
    uint64_t at = life.spans.empty() ? 0 : life.spans[0].begin_ns;
    Require(life.spans.empty() || (at >= life.begin_ns && life.spans.back().end_ns <= life.end_ns));
    for (const ActivitySpan& span : life.spans) {
      Require(span.begin_ns == at && span.end_ns > at && span.end_ns <= timeline.end_ns);
      at = span.end_ns;
    }
  }
  for (const LifeArrow& arrow : timeline.arrows) {
    const size_t lives = timeline.lives.size();
    Require(arrow.from < lives && arrow.to < lives && arrow.from != arrow.to && arrow.from_ns <= arrow.to_ns);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Model model;
  ProcessModel& process = *model.processes.emplace_back(std::make_unique<ProcessModel>());
  Pieces pieces({reinterpret_cast<const char*>(data), size});
  while (pieces.Next(process.trace_blocks)) {
  }
  uint64_t bytes = 0;
  for (const wire::TraceBlock& block : process.trace_blocks) bytes += RangeBytes(block);
  if (process.trace_blocks.empty() || bytes > kMostBytes) return 0;
  process.Index();
  CheckTimeline(process);
  std::vector<std::string> damage;
  const absl::StatusOr<RecordedTrace> recorded = ReadRecordedTrace(process, damage);
  Require(recorded.ok() && recorded->callers_of.size() == recorded->trace.events.size());
  Require(TraceIndex::Make(recorded->trace).ok());
  // Without the trace in memory there are as many events.
  LearnedTrace learned = LearnTrace(process, damage);
  const absl::StatusOr<StreamedTrace> streamed = StreamRaces(process, learned);
  Require(streamed.ok() && streamed->events == recorded->trace.events.size());
  std::ostringstream text;
  Require(WriteTrace(model, /*for_rapid=*/false, text).ok());
  const absl::StatusOr<Trace> again = ReadStd(text.str(), "again.std");
  Require(again.ok() && StdText(*again) == text.str() && TraceIndex::Make(*again).ok());
  if (recorded->trace.events.size() > kMostForEngines) return 0;
  AddRecordedFindings(process, damage);
  for (const std::string& line : damage) Require(line.find("fault of stray") == std::string::npos);
  process.Index();
  stray::test::CheckSameAsText(std::move(model));
  return 0;
}
