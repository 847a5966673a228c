// SPDX-License-Identifier: Apache-2.0
// watch.h: follows the processes of a run through their black boxes, and notices when all stand still.
//
// Reads only; the target does not feel it. What happens then (a snapshot, an analysis) is the caller's.
#ifndef STRAY_ANALYZER_CLI_RUN_WATCH_H_
#define STRAY_ANALYZER_CLI_RUN_WATCH_H_

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/process_info.h"
#include "analyzer/cli/run/session.h"
#include "analyzer/cli/run/stillness.h"
#include "analyzer/cli/run/thread_roles.h"

namespace stray::analyzer {

// A number that changes whenever a task of the process begins or ends a wait, records an event, comes or goes;
// and with the processor time that the process takes, unless a thread in `roles` takes some all the time.
uint64_t ProgressSignature(const BoxView& box, const ThreadRoles& roles);

// True if what is blocked could be a deadlock: a task waits for a lock or another task, or tasks wait without
// a timeout and none runs, sleeps, or waits for the outside. `sanitizer`: a thread that does not count; 0:
// none.
bool IsSuspicious(absl::Span<const box::TaskRecord> tasks, pid_t sanitizer);

class Watch {
 public:
  // `session` must outlive the watch. `only`: look at this process alone; 0: at all of the session.
  Watch(const Session& session, pid_t only, std::chrono::nanoseconds grace);

  // Looks at everything once. True: no task of any process has moved for the grace, and something blocked
  // may be a deadlock. The caller then analyzes and, if the run goes on, calls Analyzed().
  bool StandsStill();

  // Boxes whose processes were found to have ended since the last call. The watch has no use for them any
  // more; they may be removed.
  std::vector<std::string> TakeEnded() { return std::exchange(ended_, {}); }

  void Analyzed() { stillness_.Decided(std::chrono::steady_clock::now()); }

  // How long to wait until the next call of StandsStill().
  std::chrono::nanoseconds Interval() const { return stillness_.Interval(std::chrono::steady_clock::now()); }

 private:
  struct Watched {
    BoxView box;
    ThreadRoles roles;              // as of the last look
    uint64_t searched_threads = 0;  // how many threads there were when the sanitizer's was last looked for
  };
  // By path of the box.
  using Picture = std::map<std::string, std::vector<ThreadActivity>>;

  void FindNewBoxes();
  void DropEndedBoxes();
  static void UpdateRoles(Watched& watched);
  bool AllSleepSince(const Picture& before) const;
  Picture TakePicture() const;

  const Session& session_;
  const pid_t only_;
  Stillness stillness_;
  std::chrono::steady_clock::time_point last_look_;
  std::map<std::string, Watched> boxes_;  // by path
  std::vector<std::string> ended_;
  uint64_t ended_count_ = 0;
  Picture picture_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_WATCH_H_
