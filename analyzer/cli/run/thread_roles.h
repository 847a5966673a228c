// SPDX-License-Identifier: Apache-2.0
// thread_roles.h: which threads of a process may run while all its tasks stand still.
//
// Processor time is progress, also of threads that the agent does not know: they may be about to wake a task.
// Two kinds of thread run for ever and get nowhere:
//   - the background thread of a sanitizer, ten times a second. The agent may know it (a runtime that is linked
//     into the program makes it by pthread_create) or not; it never calls a hook, and blocks all signals.
//   - a task in pthread_spin_lock. It must run, or it had no chance to see that the lock was free.
#ifndef STRAY_ANALYZER_CLI_RUN_THREAD_ROLES_H_
#define STRAY_ANALYZER_CLI_RUN_THREAD_ROLES_H_

#include <sys/types.h>

#include <vector>

#include "absl/types/span.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/process_info.h"

namespace stray::analyzer {

struct ThreadRoles {
  pid_t sanitizer = 0;          // the background thread of a sanitizer; 0: there is none
  std::vector<pid_t> spinning;  // tasks blocked in a spin lock, sorted

  friend bool operator==(const ThreadRoles&, const ThreadRoles&) = default;
};

// The background thread of a sanitizer in the process of `box`, 0 if there is none. Reads /proc for each thread
// that could be one.
pid_t FindSanitizerThread(const BoxView& box);

// Tasks that are in a spin lock now, sorted.
std::vector<pid_t> SpinningThreads(absl::Span<const box::TaskRecord> tasks);

// True if, between two looks at all threads of a process, those that count did nothing: the same threads, all
// asleep, none with more processor time; and each spinning one did run.
bool StoodStill(absl::Span<const ThreadActivity> before, absl::Span<const ThreadActivity> now,
                const ThreadRoles& roles);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_THREAD_ROLES_H_
