// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_merge.h"

#include <map>
#include <memory>
#include <queue>
#include <utility>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using trace::Op;

// When an event with a value of the clock was; false: it has none.
bool ClockOf(const TraceWords& event, uint64_t* clock) {
  switch (event.op()) {
    case Op::kTime:
      *clock = event.operand();
      return true;
    case Op::kHook:
    case Op::kHookBegun:
    case Op::kHookLeft:
    case Op::kRequest:
    case Op::kLockTaken:
    case Op::kLockGiven:
    case Op::kRelease:
    case Op::kAcquire:
    case Op::kForget:
    case Op::kFiberCreate:
    case Op::kFiberSwitch:
    case Op::kFiberEnd:
    case Op::kEnd:
    case Op::kNewMemory:
    case Op::kThreadMemory:
    case Op::kBegin:
    case Op::kWait:
    case Op::kWaitEnd:
    case Op::kPark:
    case Op::kReady:
      *clock = event.second;
      return true;
    default:
      return false;
  }
}

// One thread's events, of a block at a time.
class StreamReader {
 public:
  StreamReader(uint32_t stream, std::vector<std::string>& damage) : stream_(stream), damage_(&damage) {}

  void AddBlock(const wire::TraceBlock* block) { blocks_.push_back(block); }
  uint32_t stream() const { return stream_; }

  // The next event, or null.
  const TraceWords* Peek() {
    while (next_ == nullptr && !is_over_) {
      if (reader_ != nullptr) next_ = reader_->Next();
      if (next_ == nullptr) NextBlock();
    }
    return next_;
  }
  void Step() { next_ = nullptr; }

 private:
  void NextBlock() {
    if (reader_ != nullptr && !reader_->status().ok()) return Cut(reader_->status());
    if (next_block_ == blocks_.size()) return End();
    const wire::TraceBlock& block = *blocks_[next_block_];
    if (block.number() != next_block_++) return Cut(absl::DataLossError("one before it is missing"));
    if (reader_ == nullptr) reader_ = std::make_unique<TraceBlockReader>();
    if (const absl::Status opened = reader_->Open(block); !opened.ok()) Cut(opened);
  }

  void Cut(const absl::Status& status) {
    damage_->push_back(absl::StrCat("the trace of T", stream_, " is cut in block ",
                                    blocks_[next_block_ - 1]->number(), ": ", std::string(status.message())));
    End();
  }

  // Threads that have ended need no memory: there may have been many.
  void End() {
    is_over_ = true;
    reader_.reset();
  }

  uint32_t stream_;
  std::vector<std::string>* damage_;
  std::vector<const wire::TraceBlock*> blocks_;
  size_t next_block_ = 0;
  std::unique_ptr<TraceBlockReader> reader_;
  const TraceWords* next_ = nullptr;  // in the reader
  bool is_over_ = false;
};

struct Turn {
  uint64_t clock;
  size_t reader;

  bool operator>(const Turn& other) const {
    return std::pair(clock, reader) > std::pair(other.clock, other.reader);
  }
};

}  // namespace

void MergeTrace(absl::Span<const wire::TraceBlock> blocks,
                const std::function<void(uint32_t stream, const TraceWords& event)>& on_event,
                std::vector<std::string>& damage) {
  std::map<uint32_t, size_t> numbers;
  std::vector<StreamReader> readers;
  for (const wire::TraceBlock& block : blocks) {
    const auto [it, is_new] = numbers.try_emplace(block.stream(), readers.size());
    if (is_new) readers.emplace_back(block.stream(), damage);
    readers[it->second].AddBlock(&block);
  }
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  const auto line_up = [&](size_t number, uint64_t clock) {
    const TraceWords* next = readers[number].Peek();
    if (next == nullptr) return;
    ClockOf(*next, &clock);
    turns.push({clock, number});
  };
  for (size_t i = 0; i < readers.size(); ++i) line_up(i, 0);
  while (!turns.empty()) {
    const Turn turn = turns.top();
    turns.pop();
    StreamReader& reader = readers[turn.reader];
    // Its event, and those behind it for which the clock does not move.
    uint64_t clock = turn.clock;
    bool is_first = true;
    for (const TraceWords* event = reader.Peek(); event != nullptr; event = reader.Peek()) {
      uint64_t own = 0;
      if (ClockOf(*event, &own) && !is_first) break;
      is_first = false;
      on_event(reader.stream(), *event);
      reader.Step();
    }
    line_up(turn.reader, clock);
  }
}

}  // namespace stray::analyzer
