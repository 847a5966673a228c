// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/snapshot_request.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "agent/wire/request.h"
#include "analyzer/cli/run/process_info.h"

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience(250);  // with one thread, before the next is tried

// The header of a box, writable: with wait_rates.cc the one place where a reader writes.
class RequestSlot {
 public:
  static absl::StatusOr<RequestSlot> Open(const std::string& path) {
    const FileDescriptor fd = OpenBoxFile(path, O_RDWR);
    if (!fd.IsOpen()) return absl::ErrnoToStatus(errno, path);
    void* memory = mmap(nullptr, sizeof(box::BlackBoxHeader), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, path);
    return RequestSlot(static_cast<box::BlackBoxHeader*>(memory));
  }
  RequestSlot(RequestSlot&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  RequestSlot& operator=(RequestSlot&&) = delete;
  ~RequestSlot() {
    if (header_ != nullptr) munmap(header_, sizeof(box::BlackBoxHeader));
  }

  // Announces a request; returns its number.
  uint32_t Announce(box::SnapshotReason reason, bool wants_proof) {
    const uint32_t how = wants_proof ? box::kRequestProof : 0;
    __atomic_store_n(&header_->request_reason, static_cast<uint32_t>(reason) | how, __ATOMIC_RELAXED);
    // Pairs with the agent's acquire load of request_seq: who sees the number sees the reason.
    return __atomic_add_fetch(&header_->request_seq, 1, __ATOMIC_ACQ_REL);
  }

  // Sleeps until request `number` is served, the process wants the signal once more, or `limit` is over.
  // Returns whether it is served.
  bool WaitFor(uint32_t number, nanoseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    const bool had_ended = HasCopyEnded();
    for (;;) {
      // Pairs with the agent's release store of done_seq: who sees the number sees the snapshot.
      const uint32_t done = __atomic_load_n(&header_->done_seq, __ATOMIC_ACQUIRE);
      if (static_cast<int32_t>(done - number) >= 0) return true;
      const nanoseconds left = deadline - steady_clock::now();
      if (left <= nanoseconds::zero() || (!had_ended && HasCopyEnded())) return false;
      const timespec timeout = {static_cast<time_t>(left.count() / 1'000'000'000),
                                left.count() % 1'000'000'000};
      syscall(SYS_futex, &header_->done_seq, FUTEX_WAIT, done, &timeout, nullptr, 0);
    }
  }

 private:
  bool HasCopyEnded() const { return LoadShared(header_->snapshot.copy_ended) != 0; }

  explicit RequestSlot(box::BlackBoxHeader* header) : header_(header) {}
  box::BlackBoxHeader* header_;
};

// How little a signal disturbs the thread; smaller is better.
int Disturbance(const box::TaskRecord& task) {
  if ((LoadShared(task.flags) & box::kTaskSignalBlocked) != 0) return 4;
  if (LoadShared(task.state) == static_cast<uint8_t>(box::TaskState::kRunning)) return 0;
  switch (static_cast<box::WaitReason>(LoadShared(task.wait_reason))) {
    case box::WaitReason::kMutexLock:
    case box::WaitReason::kMtxLock:
    case box::WaitReason::kRwlockRead:
    case box::WaitReason::kRwlockWrite:
    case box::WaitReason::kCondWait:
    case box::WaitReason::kCndWait:
    case box::WaitReason::kJoin:
    case box::WaitReason::kThrdJoin:
    case box::WaitReason::kBarrierWait:
    case box::WaitReason::kOnce:
    case box::WaitReason::kCallOnce:
    case box::WaitReason::kSpinLock:
      return 1;
    case box::WaitReason::kSemWait:
    case box::WaitReason::kFutex:
    case box::WaitReason::kRead:
    case box::WaitReason::kWrite:
    case box::WaitReason::kWaitPid:
      return 2;  // start again under SA_RESTART
    default:
      return 3;
  }
}

absl::Status NoAnswer(pid_t pid) {
  const std::optional<ProcessStat> stat = ReadProcessStat(pid);
  const bool stopped = stat.has_value() && (stat->state == 'T' || stat->state == 't');
  return absl::DeadlineExceededError(
      stopped ? absl::StrCat("process ", pid, " is stopped and cannot answer; continue it first (kill -CONT ",
                             pid, ")")
              : absl::StrCat("process ", pid, " did not answer: all its threads may block signals"));
}

}  // namespace

std::vector<pid_t> SignalCandidates(absl::Span<const box::TaskRecord> tasks) {
  std::vector<std::pair<int, pid_t>> ranked;
  for (const box::TaskRecord& task : tasks) {
    const uint8_t state = LoadShared(task.state);
    const pid_t tid = LoadShared(task.tid);
    const bool has_thread = state == static_cast<uint8_t>(box::TaskState::kRunning) ||
                            state == static_cast<uint8_t>(box::TaskState::kBlocked);
    // The one that the runtime lends the agent takes snapshots, and blocks all signals.
    if ((LoadShared(task.flags) & box::kTaskAgent) != 0) continue;
    if (tid > 0 && has_thread) ranked.emplace_back(Disturbance(task), tid);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<pid_t> tids;
  for (const auto& [disturbance, tid] : ranked) tids.push_back(tid);
  return tids;
}

absl::Status RequestSnapshot(const BoxView& box, box::SnapshotReason reason, nanoseconds limit,
                             bool wants_proof) {
  const pid_t pid = box.pid();
  const absl::Status ended = absl::NotFoundError(absl::StrCat("process ", pid, " has ended"));
  if (!box.IsAlive()) return ended;
  const int signal = static_cast<int>(LoadShared(box.header().snapshot_signal));
  if (signal <= 0 || signal > SIGRTMAX) {
    return absl::UnavailableError(absl::StrCat("process ", pid, " takes no snapshots on request"));
  }
  absl::StatusOr<RequestSlot> slot = RequestSlot::Open(box.path());
  if (!slot.ok()) return slot.status();
  const uint32_t number = slot->Announce(reason, wants_proof);
  const auto deadline = steady_clock::now() + limit;
  std::vector<pid_t> tids = SignalCandidates(box.tasks());
  if (tids.empty()) tids.push_back(pid);
  for (size_t i = 0; steady_clock::now() < deadline; i = (i + 1) % tids.size()) {
    // Checked each time: a signal to a process that merely got the same number could kill it.
    if (!box.IsAlive()) return ended;
    const bool sent = tgkill(pid, tids[i], signal) == 0;
    if (!sent && errno != ESRCH) return absl::ErrnoToStatus(errno, absl::StrCat("signal to process ", pid));
    const milliseconds patience = sent ? kPatience : milliseconds(1);
    if (slot->WaitFor(number, std::min<nanoseconds>(patience, deadline - steady_clock::now()))) {
      return absl::OkStatus();
    }
  }
  return NoAnswer(pid);
}

}  // namespace stray::analyzer
