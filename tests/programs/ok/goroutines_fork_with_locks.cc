// SPDX-License-Identifier: Apache-2.0
// goroutines_fork_with_locks.cc: a goroutine forks after it has taken locks in an order, and while it has some.
// In the child, which has no other goroutine, it goes on with locks and channels, as long as it need not wait.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include <stray/stray.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>

static stray::Mutex a, b;
static stray::RWMutex table;

namespace {

void LockAll() {
  std::lock_guard first(a);
  std::lock_guard second(b);
  table.RLock();
  table.RUnlock();
}

}  // namespace

int main() {
  return stray::Main([] {
    stray::WaitGroup done;
    auto values = stray::MakeChan<int>(4);
    done.Go("forks", [values] {
      LockAll();
      stray::Mutex held;
      std::lock_guard guard(held);
      const pid_t child = fork();
      if (child == 0) {
        for (int i = 0; i < 1000; ++i) LockAll();
        values.Send(1);
        values.Recv();
        values.Close();
        _exit(0);
      }
      int status = -1;
      stray::BlockingCall([&] { return waitpid(child, &status, 0); });
      printf("%d\n", status);
    });
    done.Wait();
  });
}
