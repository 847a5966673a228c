// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/watch.h"

#include <algorithm>

namespace stray::analyzer {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// Longer than any interval: between two looks so far apart, stray or the machine was stopped.
constexpr seconds kStoppedMeanwhile(3);

// Who can end a wait, as wait_reasons.inc says.
enum class Waker { kHolder, kTask, kAnyTask, kOutside, kTimer, kNobody };

Waker WakerOf(uint16_t reason) {
  switch (reason) {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) \
  case number:                                                          \
    return Waker::waker;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
    default:
      return Waker::kOutside;
  }
}

void Mix(uint64_t& hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
}

}  // namespace

uint64_t ProgressSignature(const BoxView& box, const ThreadRoles& roles) {
  uint64_t hash = static_cast<uint64_t>(box.pid());
  Mix(hash, LoadShared(box.header().life_clock));
  Mix(hash, LoadShared(box.header().state));
  const absl::Span<const box::TaskRecord> tasks = box.tasks();
  Mix(hash, tasks.size());
  for (const box::TaskRecord& task : tasks) {
    Mix(hash, LoadShared(task.waits));
    Mix(hash, uint64_t{LoadShared(task.wait_seq)} << 32 | LoadShared(task.event_head));
    Mix(hash, LoadShared(task.state));
  }
  const std::optional<ProcessStat> stat = ReadProcessStat(box.pid());
  if (stat.has_value()) {
    Mix(hash, stat->threads);
    // What others run beside such a thread, only pictures of each thread can tell.
    if (roles == ThreadRoles()) Mix(hash, stat->cpu_ticks);
  }
  return hash;
}

bool IsSuspicious(absl::Span<const box::TaskRecord> tasks, pid_t sanitizer) {
  bool awake = false;
  bool waits_for_task = false;
  bool waits = false;
  for (const box::TaskRecord& task : tasks) {
    const auto state = static_cast<box::TaskState>(LoadShared(task.state));
    if (state == box::TaskState::kNone || state == box::TaskState::kFinished) continue;
    if (sanitizer != 0 && LoadShared(task.tid) == sanitizer) continue;
    if (state != box::TaskState::kBlocked || (LoadShared(task.wait_flags) & box::kWaitTimed) != 0) {
      awake = true;
      continue;
    }
    switch (WakerOf(LoadShared(task.wait_reason))) {
      case Waker::kHolder:
      case Waker::kTask:
        waits_for_task = true;
        break;
      case Waker::kAnyTask:
      case Waker::kNobody:
        waits = true;
        break;
      case Waker::kOutside:
      case Waker::kTimer:
        awake = true;
        break;
    }
  }
  return waits_for_task || (waits && !awake);
}

Watch::Watch(const Session& session, pid_t only, std::chrono::nanoseconds grace)
    : session_(session), only_(only), stillness_(grace, steady_clock::now()), last_look_(steady_clock::now()) {}

void Watch::FindNewBoxes() {
  for (const std::string& path : session_.BoxPaths(only_)) {
    if (boxes_.contains(path)) continue;
    absl::StatusOr<BoxView> box = BoxView::Open(path);
    // What cannot be opened now is tried again at the next look, and explained at the end of the run. So is
    // one whose header the agent is still filling.
    if (box.ok() && !box->IsStarting()) boxes_.emplace(path, Watched{*std::move(box), {}});
  }
}

void Watch::DropEndedBoxes() {
  for (auto it = boxes_.begin(); it != boxes_.end();) {
    if (!it->second.box.HasEnded()) {
      ++it;
      continue;
    }
    ended_.push_back(it->first);
    ++ended_count_;
    it = boxes_.erase(it);
  }
}

void Watch::UpdateRoles(Watched& watched) {
  watched.roles.spinning = SpinningThreads(watched.box.tasks());
  const bool has_sanitizer = (LoadShared(watched.box.header().flags) & box::kBoxSanitizer) != 0;
  if (!has_sanitizer || watched.roles.sanitizer != 0) return;
  // Searching costs a file per thread, and finds nothing new as long as there is no new thread.
  const std::optional<ProcessStat> stat = ReadProcessStat(watched.box.pid());
  if (!stat.has_value() || stat->threads == watched.searched_threads) return;
  watched.searched_threads = stat->threads;
  watched.roles.sanitizer = FindSanitizerThread(watched.box);
}

bool Watch::StandsStill() {
  FindNewBoxes();
  DropEndedBoxes();
  uint64_t signature = ended_count_;
  bool suspicious = false;
  for (auto& [path, watched] : boxes_) {
    UpdateRoles(watched);
    Mix(signature, ProgressSignature(watched.box, watched.roles));
    suspicious = suspicious || IsSuspicious(watched.box.tasks(), watched.roles.sanitizer);
  }
  const steady_clock::time_point now = steady_clock::now();
  if (now - last_look_ > kStoppedMeanwhile) stillness_.Changed(now);
  last_look_ = now;
  switch (stillness_.Look(now, signature, suspicious)) {
    case Stillness::Advice::kNothing:
      return false;
    case Stillness::Advice::kProbe:
      picture_ = TakePicture();
      stillness_.Probed();
      return false;
    case Stillness::Advice::kDecide:
      break;
  }
  if (AllSleepSince(picture_)) return true;
  stillness_.Changed(now);
  return false;
}

Watch::Picture Watch::TakePicture() const {
  Picture picture;
  for (const auto& [path, watched] : boxes_) {
    picture[path] = ReadThreadActivity(watched.box.pid()).value_or(std::vector<ThreadActivity>());
  }
  return picture;
}

bool Watch::AllSleepSince(const Picture& before) const {
  const Picture now = TakePicture();
  return std::equal(before.begin(), before.end(), now.begin(), now.end(),
                    [&](const auto& then, const auto& entry) {
                      return then.first == entry.first &&
                             StoodStill(then.second, entry.second, boxes_.find(entry.first)->second.roles);
                    });
}

}  // namespace stray::analyzer
