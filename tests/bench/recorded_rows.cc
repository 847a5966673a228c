// SPDX-License-Identifier: Apache-2.0
// recorded_rows.cc: how fast a recorded trace is analyzed, and in how much memory.
//
//   recorded_rows local|heap|locks TASKS EVENTS streamed|loaded|all
//
// Makes a trace of about so many recorded events, packed as `stray run --trace` packs them, then
//
//   streamed  looks for races by happens-before alone; in memory are only its packed blocks
//   loaded    reads it into memory
//   all       does all that a report needs, in memory
//
// and prints a line for each number: events a second of processor time, MiB that this took at most beside the
// blocks.
//
//   local  nine of ten accesses are to variables of the thread's own, the others to some behind 4 or 16 locks
//   heap   each thread hands blocks of memory to the next one, which reads and frees them: the same few
//   addresses locks  a lock is taken and given back, around a counter
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/wire/black_box.h"
#include "analyzer/load/recorded_findings.h"
#include "analyzer/load/streamed_races.h"
#include "analyzer/load/trace_blocks.h"

namespace {

using namespace stray::analyzer;
using stray::box::EventKind;
using stray::trace::FirstWord;
using stray::trace::Op;

constexpr size_t kBlockBytes = 1 << 20;

class Maker {
 public:
  Maker(std::string kind, uint32_t tasks) : kind_(std::move(kind)), tasks_(tasks) {
    for (uint32_t i = 0; i <= tasks; ++i) packers_.push_back(std::make_unique<TracePacker>(i));
  }

  std::vector<stray::wire::TraceBlock> Run(uint64_t events) {
    for (uint32_t task = 2; task <= tasks_; ++task)
      Ordered(1, Op::kHookBegun, static_cast<uint8_t>(EventKind::kCreate), task);
    while (events_ < events) {
      const auto task = static_cast<uint32_t>(1 + random_() % tasks_);
      if (kind_ == "locks") {
        Section(task, 1, 1);
      } else if (kind_ == "heap") {
        Hand(task);
      } else {
        for (int i = 0; i < 9; ++i) Access(task, 0x100000 * task + random_() % 64 * 8, random_() % 3 == 0);
        const uint64_t lock = random_() % (tasks_ <= 8 ? 4 : 16);
        if (random_() % 4 == 0) Section(task, static_cast<uint32_t>(1 + lock), random_() % 8);
      }
    }
    for (uint32_t task = 1; task <= tasks_; ++task) {
      if (packers_[task]->size() != 0) blocks_.push_back(*packers_[task]->Finish());
    }
    return std::move(blocks_);
  }

 private:
  void Add(uint32_t task, std::initializer_list<uint64_t> words) {
    packers_[task]->Add({words.begin(), words.size()});
    ++events_;
    last_ = task;
    if (packers_[task]->size() >= kBlockBytes) blocks_.push_back(*packers_[task]->Finish());
  }
  void Ordered(uint32_t task, Op op, uint8_t argument, uint64_t operand) {
    const uint64_t first = FirstWord(op, argument, operand);
    if (stray::trace::WordsOf(op) == 3) return Add(task, {first, ++clock_, 0x401000});
    Add(task, {first, ++clock_});
  }
  void Access(uint32_t task, uint64_t address, bool writes) {
    if (last_ != task) Add(task, {FirstWord(Op::kTime, 0, ++clock_)});
    Add(task, {FirstWord(writes ? Op::kWrite : Op::kRead, 8, address),
               (writes ? 0x402000 : 0x403000) + address % 64});
  }
  void Section(uint32_t task, uint32_t lock, uint64_t variable) {
    Ordered(task, Op::kHook, static_cast<uint8_t>(EventKind::kLock), lock);
    Access(task, 0x10000000 + lock * 0x1000 + variable * 8, random_() % 3 == 0);
    Ordered(task, Op::kHook, static_cast<uint8_t>(EventKind::kUnlock), lock);
  }
  void Hand(uint32_t task) {
    const uint32_t other = task % tasks_ + 1;
    const uint64_t block = 0x20000000 + (next_++ % 1000) * 64;
    for (uint64_t i = 0; i < 4; ++i) Access(task, block + 8 * i, true);
    Ordered(task, Op::kRelease, 0, 0x30000000 + task);
    Ordered(other, Op::kAcquire, 0, 0x30000000 + task);
    for (uint64_t i = 0; i < 4; ++i) Access(other, block + 8 * i, false);
    Add(other, {FirstWord(Op::kNewMemory, 0, block), ++clock_, 64});
  }

  const std::string kind_;
  const uint32_t tasks_;
  std::mt19937_64 random_{1};
  std::vector<std::unique_ptr<TracePacker>> packers_;
  std::vector<stray::wire::TraceBlock> blocks_;
  uint64_t events_ = 0, clock_ = 0, next_ = 0;
  uint32_t last_ = 0;
};

// MiB: the most there was at a time since ForgetPeak(), and now.
double Resident(const char* which) {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kibibytes = 0;
  while (status >> word) {
    if (word == which && status >> kibibytes) break;
  }
  return kibibytes / 1024;
}

void ForgetPeak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string how = argv[4];
  ProcessModel process;
  process.trace_blocks =
      Maker(argv[1], static_cast<uint32_t>(std::atoi(argv[2]))).Run(std::strtoull(argv[3], nullptr, 10));
  process.Index();
  double events = 0, bytes = 0;
  for (const auto& block : process.trace_blocks) {
    events += static_cast<double>(block.event_count());
    bytes += static_cast<double>(block.events().size());
  }
  ForgetPeak();
  const double before = Resident("VmRSS:");
  const std::clock_t start = std::clock();
  std::vector<std::string> damage;
  double kept = 0, races = 0;
  if (how == "streamed") {
    LearnedTrace learned = LearnTrace(process, damage);
    const absl::StatusOr<StreamedTrace> found = StreamRaces(process, learned);
    kept = static_cast<double>(found->events);
    races = static_cast<double>(found->races.size());
  } else if (how == "loaded") {
    kept = static_cast<double>(ReadRecordedTrace(process, damage)->trace.events.size());
  } else {
    AddRecordedFindings(process, damage, kMostEvents);
    races = static_cast<double>(process.sanitizer_reports.size());
  }
  const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf(
      "events %.0f\nkept %.0f\nraces %.0f\nbytes_packed %.2f\nseconds %.3f\nMevents_s %.3f\npeak_MiB %.1f\n",
      events, kept, races, bytes / events, took, events / 1e6 / took, Resident("VmHWM:") - before);
  return 0;
}
