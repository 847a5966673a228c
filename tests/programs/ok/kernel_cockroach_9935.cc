// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_9935.cc: who comes out with an error has the lock, and says so in its name.
//
// link: runtime
// modes: gcc-O2
#include <stray/error.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

class Logger {
 public:
  void OutputLog() {
    mutex_.Lock();
    if (const stray::Error error = CreateFile()) {
      ExitLocked(error);
      mutex_.Unlock();
      return;
    }
    mutex_.Unlock();
  }

 private:
  stray::Error CreateFile() { return stray::Error("no room for a log file"); }
  void ExitLocked(const stray::Error& error) { last_error_ = error; }

  stray::Mutex mutex_;
  stray::Error last_error_;
};

int main() {
  return stray::Main([] {
    static Logger logger;
    stray::WaitGroup worker;
    worker.Go("worker", [] { logger.OutputLog(); });
    worker.Wait();
  });
}
