// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/trace_collector.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/load/recorded_findings.h"

namespace stray::analyzer {
namespace {

using trace::SlotState;
using trace::TraceSlot;

constexpr size_t kBlockBytes = 1 << 20;
constexpr std::chrono::milliseconds kBusyPause(1), kIdlePause(10);

}  // namespace

// The trace of one process.
class TraceCollector::BoxTrace {
 public:
  // Null if there is no box, or none with a trace.
  static std::unique_ptr<BoxTrace> Open(const std::string& path) {
    const FileDescriptor fd = OpenBoxFile(path, O_RDWR);
    struct stat info;
    if (!fd.IsOpen() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return nullptr;
    const auto size = static_cast<size_t>(info.st_size);
    if (size < sizeof(box::BlackBoxHeader)) return nullptr;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED) return nullptr;
    std::unique_ptr<BoxTrace> trace(new BoxTrace(static_cast<char*>(memory), size));
    return trace->FindRegions() ? std::move(trace) : nullptr;
  }
  ~BoxTrace() { Unmap(); }
  BoxTrace(const BoxTrace&) = delete;
  BoxTrace& operator=(const BoxTrace&) = delete;

  // Packs what is full, and, if `takes_open`, what is not, in the order of each stream. Returns how many bytes
  // the blocks have grown by; *has_taken: there was something.
  uint64_t Take(bool takes_open, bool keeps, bool* has_taken) {
    uint64_t bytes = 0;
    std::vector<uint32_t> found;
    for (uint32_t i = 0; i < slot_count_; ++i) {
      const auto state = static_cast<SlotState>(LoadShared(slots_[i].state));
      if (state == SlotState::kFull || (takes_open && state == SlotState::kOpen)) found.push_back(i);
    }
    std::sort(found.begin(), found.end(), [this](uint32_t a, uint32_t b) {
      return std::pair(slots_[a].stream, slots_[a].number) < std::pair(slots_[b].stream, slots_[b].number);
    });
    for (const uint32_t index : found) {
      TraceSlot& slot = slots_[index];
      Stream& stream = StreamOf(slot.stream);
      if (slot.number != stream.next) continue;  // one before it is full by now, but was not when we looked
      ++stream.next;
      *has_taken = true;
      if (keeps) bytes += Pack(stream, index);
      if (static_cast<SlotState>(LoadShared(slot.state)) == SlotState::kFull) Empty(index);
    }
    return bytes;
  }

  // The blocks so far; what is not worth a block yet becomes one.
  std::vector<wire::TraceBlock> TakeBlocks() {
    for (auto& [number, stream] : streams_) {
      if (stream.packer.size() != 0) Close(stream);
    }
    return std::exchange(blocks_, {});
  }

  // All has been taken, and its process has ended: only the blocks stay. A run may have very many processes.
  void Finish() {
    TakeNames();
    Unmap();
  }

  bool IsOf(const wire::Process& process) {
    TakeNames();
    return pid_ == process.pid() && start_ns_ == process.start_ns();
  }

  bool was_cut = false;
  bool is_damaged = false;

 private:
  struct Stream {
    explicit Stream(uint32_t number) : packer(number) {}
    TracePacker packer;
    uint64_t next = 0;  // chunk
  };

  BoxTrace(char* memory, size_t size) : memory_(memory), size_(size) {}

  // What tells its process from others; the agent may have been at it when the box was opened.
  void TakeNames() {
    if (memory_ == nullptr) return;
    const auto& header = *reinterpret_cast<const box::BlackBoxHeader*>(memory_);
    pid_ = header.pid;
    start_ns_ = header.start_ns;
  }

  void Unmap() {
    if (memory_ != nullptr) munmap(memory_, size_);
    memory_ = nullptr;
    slot_count_ = 0;
  }

  // Checks what the file says of itself.
  bool FindRegions() {
    const auto& header = *reinterpret_cast<const box::BlackBoxHeader*>(memory_);
    if (LoadShared(header.version) != box::kBlackBoxVersion ||
        std::memcmp(header.magic, box::kBlackBoxMagic, sizeof(header.magic)) != 0) {
      return false;
    }
    const box::Region slots = header.regions[static_cast<size_t>(box::RegionId::kTraceSlots)];
    const box::Region chunks = header.regions[static_cast<size_t>(box::RegionId::kTrace)];
    const auto fits = [this](const box::Region& region, size_t record_bytes) {
      return region.record_bytes == record_bytes && region.offset % 64 == 0 && region.offset < size_ &&
             region.capacity <= (size_ - region.offset) / record_bytes;
    };
    if (!fits(slots, sizeof(TraceSlot)) || !fits(chunks, trace::kTraceChunkBytes)) return false;
    slots_ = reinterpret_cast<TraceSlot*>(memory_ + slots.offset);
    chunks_ = reinterpret_cast<uint64_t*>(memory_ + chunks.offset);
    slot_count_ = static_cast<uint32_t>(std::min(slots.capacity, chunks.capacity));
    return true;
  }

  Stream& StreamOf(uint32_t number) { return streams_.try_emplace(number, Stream(number)).first->second; }

  uint64_t Pack(Stream& stream, uint32_t index) {
    const uint64_t* words = chunks_ + size_t{index} * trace::kTraceChunkWords;
    if (!stream.packer.Add({words, trace::kTraceChunkWords})) is_damaged = true;
    return stream.packer.size() >= kBlockBytes ? Close(stream) : 0;
  }

  uint64_t Close(Stream& stream) {
    absl::StatusOr<wire::TraceBlock> block = stream.packer.Finish();
    if (!block.ok()) {
      is_damaged = true;
      return 0;
    }
    const uint64_t bytes = block->events().size();
    blocks_.push_back(*std::move(block));
    return bytes;
  }

  void Empty(uint32_t index) {
    std::memset(chunks_ + size_t{index} * trace::kTraceChunkWords, 0, trace::kTraceChunkBytes);
    __atomic_store_n(&slots_[index].state, static_cast<uint32_t>(SlotState::kFree), __ATOMIC_RELEASE);
  }

  char* memory_;
  size_t size_;
  TraceSlot* slots_ = nullptr;
  uint64_t* chunks_ = nullptr;
  uint32_t slot_count_ = 0;
  int32_t pid_ = 0;
  uint64_t start_ns_ = 0;
  std::map<uint32_t, Stream> streams_;
  std::vector<wire::TraceBlock> blocks_;
};

TraceCollector::TraceCollector(const Session& session, uint64_t most_bytes)
    : session_(session), most_bytes_(most_bytes), thread_([this] { Run(); }) {}

TraceCollector::~TraceCollector() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_over_ = true;
  }
  wakes_.notify_all();
  thread_.join();
}

void TraceCollector::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!is_over_) {
    const bool was_busy = TakeAll();
    wakes_.wait_for(lock, was_busy ? kBusyPause : kIdlePause);
  }
}

TraceCollector::BoxTrace* TraceCollector::Find(const std::string& path) {
  const auto known = boxes_.find(path);
  if (known != boxes_.end()) return known->second.get();
  std::unique_ptr<BoxTrace> trace = BoxTrace::Open(path);
  if (trace == nullptr) return nullptr;
  return boxes_.emplace(path, std::move(trace)).first->second.get();
}

bool TraceCollector::TakeFrom(BoxTrace& trace, bool takes_open) {
  const bool keeps = bytes_ < most_bytes_;
  bool some = false;
  bytes_ += trace.Take(takes_open, keeps, &some);
  trace.was_cut |= some && !keeps;
  return some;
}

bool TraceCollector::TakeAll() {
  bool has_taken = false;
  for (const std::string& path : session_.BoxPaths()) Find(path);
  for (auto& [path, trace] : boxes_) has_taken |= TakeFrom(*trace, /*takes_open=*/false);
  return has_taken;
}

void TraceCollector::Keep(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  BoxTrace* trace = Find(path);
  if (trace == nullptr) return;
  TakeFrom(*trace, /*takes_open=*/true);
  trace->Finish();
}

void TraceCollector::MoveTo(ProcessModel& process) {
  const std::lock_guard<std::mutex> lock(mutex_);
  TakeAll();  // of a process that has just begun
  const auto is_its_own = [&](const auto& box) { return box.second->IsOf(process.process); };
  const auto found = std::find_if(boxes_.begin(), boxes_.end(), is_its_own);
  if (found == boxes_.end()) return;
  BoxTrace& trace = *found->second;
  TakeFrom(trace, /*takes_open=*/true);
  process.trace_blocks = trace.TakeBlocks();
  const auto note = [&](const std::string& text) {
    wire::Note& added = process.notes.emplace_back();
    added.set_text(text);
    added.set_incomplete(true);
  };
  if (trace.was_cut) note(absl::StrCat("the trace was cut: ", most_bytes_ >> 20, " MiB of it were kept"));
  if (trace.is_damaged) note("a part of the trace was damaged and is missing");
}

void AddTraces(TraceCollector& traces, EventIndex most_events, Model& model) {
  for (const std::unique_ptr<ProcessModel>& process : model.processes) {
    traces.MoveTo(*process);
    AddRecordedFindings(*process, model.damage, most_events);
    process->Index();
  }
}

}  // namespace stray::analyzer
