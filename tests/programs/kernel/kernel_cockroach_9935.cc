// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_9935.cc: the log file cannot be made, and the way out locks what the caller still has
// locked. After a kernel of GoBench (CGO 2021), in which it fails six times out of eight, here always.
//
//   worker
//   OutputLog         Lock
//     CreateFile      error
//     Exit            Lock     itself has it
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/error.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

class Logger {
 public:
  void OutputLog() {
    mutex_.Lock();
    if (const stray::Error error = CreateFile()) {
      Exit(error);
      mutex_.Unlock();
      return;
    }
    mutex_.Unlock();
  }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  stray::Error CreateFile() { return stray::Error("no room for a log file"); }
  void Exit(const stray::Error& error) {
    mutex_.Lock();  // want deadlock.self x1: "worker" waits for .*, which it has locked itself before, at
    last_error_ = error;
    mutex_.Unlock();
  }

  stray::Mutex mutex_;
  stray::Error last_error_;
};

int main() {
  return stray::Main([] {
    static Logger logger;
    stray::Go("worker", [] { logger.OutputLog(); });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &logger.mutex());
  });
}
