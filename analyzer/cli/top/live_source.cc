// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/live_source.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/run/find_box.h"
#include "analyzer/cli/run/periodic_watch.h"
#include "analyzer/cli/run/sample.h"

namespace stray::analyzer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAliveInterval(200);  // how often the end of the process is looked for
constexpr std::chrono::milliseconds kToEnd(300);          // for a look that is being taken when all is over

}  // namespace

absl::StatusOr<std::unique_ptr<LiveSource>> LiveSource::Open(LiveSettings settings, Policy& policy) {
  absl::StatusOr<BoxView> box = FindBox(settings.pid);
  if (!box.ok()) return box.status();
  FileDescriptor news(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!news.IsOpen()) return absl::ErrnoToStatus(errno, "eventfd");
  std::unique_ptr<LiveSource> source(
      new LiveSource(std::move(settings), policy, *std::move(box), std::move(news)));
  Look look = source->TakeLook();
  if (look.picture == nullptr) return absl::UnavailableError(look.trouble);
  const absl::Status fits = policy.CheckPrograms(look.picture->model);
  if (!fits.ok()) return fits;
  if (source->settings_.proves) {
    const SnapshotModel* snapshot = look.picture->model.processes[0]->LastSnapshot();
    if (snapshot != nullptr && snapshot->info.reach().empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "process ", source->settings_.pid, " does not note its heap: start it with `stray run --prove`"));
    }
  }
  source->Publish(std::move(look));
  return source;
}

LiveSource::~LiveSource() { Stop(); }

absl::Status LiveSource::Start() {
  // Signals are for the thread that has the terminal.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  has_worker_ = true;
  const int error = pthread_create(&worker_, nullptr, RunWorker, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  has_worker_ = error == 0;
  return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, "no thread to take snapshots");
}

void* LiveSource::RunWorker(void* self) {
  static_cast<LiveSource*>(self)->Work();
  return nullptr;
}

void LiveSource::Work() {
  WatchClock clock(settings_.period, Clock::now());
  std::unique_lock<std::mutex> lock(mutex_);
  while (!wants_end_) {
    const Clock::duration left = is_paused_ ? kAliveInterval : clock.next() - Clock::now();
    changed_.wait_for(lock, std::min<Clock::duration>(kAliveInterval, left),
                      [this] { return wants_end_ || wants_look_; });
    const Clock::time_point begin = Clock::now();
    const bool is_time = wants_look_ || (!is_paused_ && clock.IsTime(begin));
    wants_look_ = false;
    lock.unlock();
    const bool is_there = box_.IsAlive() || FollowExec();
    if (!is_there || is_time) {
      Look look;
      if (is_there) look = TakeLook();
      look.has_ended = !is_there || (look.picture == nullptr && !box_.IsAlive() && !FollowExec());
      clock.Looked(begin, Clock::now());
      const bool is_last = look.has_ended;
      Publish(std::move(look));
      lock.lock();
      if (is_last) break;
    } else {
      lock.lock();
    }
  }
  worker_ended_ = true;
  changed_.notify_all();
}

bool LiveSource::FollowExec() {
  absl::StatusOr<BoxView> box = FindBox(settings_.pid);
  if (!box.ok()) return false;
  box_ = *std::move(box);
  return true;
}

LiveSource::Look LiveSource::TakeLook() {
  const Clock::time_point begin = Clock::now();
  Look look;
  Model model;
  if (IsStopped(box_.pid())) {
    look.trouble = absl::StrCat("process ", box_.pid(), " is stopped and cannot answer");
  } else if (const absl::Status taken = SampleProcess(box_, settings_.proves, model); !taken.ok()) {
    look.trouble = std::string(taken.message());
  } else {
    Explain(model, symbolizer_);
    Verdict verdict = Judge(model, settings_.judge, policy_);
    look.picture = MakePicture(std::move(model), std::move(verdict));
    ++looks_;
  }
  look.number = looks_;
  look.took = Clock::now() - begin;
  return look;
}

void LiveSource::Publish(Look look) {
  const std::lock_guard<std::mutex> lock(mutex_);
  newest_ = std::move(look);
  const uint64_t one = 1;
  if (write(news_.get(), &one, sizeof(one)) < 0) return;  // full: then it is readable
}

std::optional<LiveSource::Look> LiveSource::Take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  uint64_t count = 0;
  if (read(news_.get(), &count, sizeof(count)) < 0 && !newest_.has_value()) return std::nullopt;
  return std::exchange(newest_, std::nullopt);
}

void LiveSource::SetPaused(bool paused) {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_paused_ = paused;
}

void LiveSource::LookNow() {
  const std::lock_guard<std::mutex> lock(mutex_);
  wants_look_ = true;
  changed_.notify_all();
}

bool LiveSource::Stop() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!has_worker_) return true;
  wants_end_ = true;
  changed_.notify_all();
  if (!changed_.wait_for(lock, kToEnd, [this] { return worker_ended_; })) return false;
  lock.unlock();
  pthread_join(worker_, nullptr);
  has_worker_ = false;
  return true;
}

}  // namespace stray::analyzer
