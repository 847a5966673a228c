// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/thread_roles.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace stray::analyzer {
namespace {

// Tasks that have called a hook, and main: none of them is a thread that a sanitizer made for itself.
absl::flat_hash_set<pid_t> ThreadsOfProgram(const BoxView& box) {
  absl::flat_hash_set<pid_t> threads = {box.pid()};
  for (const box::TaskRecord& task : box.tasks()) {
    if (LoadShared(task.waits) != 0 || LoadShared(task.event_head) != 0) threads.insert(LoadShared(task.tid));
  }
  return threads;
}

bool IsOneOf(absl::Span<const pid_t> sorted, pid_t tid) {
  return std::binary_search(sorted.begin(), sorted.end(), tid);
}

}  // namespace

pid_t FindSanitizerThread(const BoxView& box) {
  if ((LoadShared(box.header().flags) & box::kBoxSanitizer) == 0) return 0;
  const absl::flat_hash_set<pid_t> known = ThreadsOfProgram(box);
  for (const ThreadActivity& thread : ReadThreadActivity(box.pid()).value_or(std::vector<ThreadActivity>())) {
    if (!known.contains(thread.tid) && BlocksAllSignals(box.pid(), thread.tid)) return thread.tid;
  }
  return 0;
}

std::vector<pid_t> SpinningThreads(absl::Span<const box::TaskRecord> tasks) {
  std::vector<pid_t> spinning;
  for (const box::TaskRecord& task : tasks) {
    if (LoadShared(task.state) == static_cast<uint8_t>(box::TaskState::kBlocked) &&
        LoadShared(task.wait_reason) == static_cast<uint16_t>(box::WaitReason::kSpinLock)) {
      spinning.push_back(LoadShared(task.tid));
    }
  }
  std::sort(spinning.begin(), spinning.end());
  return spinning;
}

bool StoodStill(absl::Span<const ThreadActivity> before, absl::Span<const ThreadActivity> now,
                const ThreadRoles& roles) {
  const auto did_nothing = [&](const ThreadActivity& then, const ThreadActivity& thread) {
    if (then.tid != thread.tid) return false;
    if (thread.tid == roles.sanitizer) return !thread.awake;
    if (IsOneOf(roles.spinning, thread.tid)) return thread.run_ns > then.run_ns;
    return !thread.awake && thread.run_ns == then.run_ns;
  };
  return std::equal(before.begin(), before.end(), now.begin(), now.end(), did_nothing);
}

}  // namespace stray::analyzer
