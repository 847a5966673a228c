// SPDX-License-Identifier: Apache-2.0
// poller.h: waits for descriptors on behalf of goroutines, by epoll. The machine that watches sleeps in it;
// others look in now and then.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_POLLER_H_
#define STRAY_INSTRUMENTATION_RUNTIME_POLLER_H_

#include <atomic>
#include <cstdint>

namespace stray::runtime {

class Poller {
 public:
  // True while a task waits for a descriptor.
  static bool IsUsed() { return waiting_.load(std::memory_order_relaxed) != 0; }

  // Parks the calling task until `fd` can be read (or written), has failed or was hung up, or until
  // `deadline_ns`. 0, ETIMEDOUT, or the error of epoll_ctl (EPERM: a file, which is always ready).
  static int WaitFor(int fd, bool write, int64_t deadline_ns);

  // Makes tasks runnable whose descriptors are ready.
  static void PollNow();
  // The same; waits until there is one, `wake` is not 0 any more, Interrupt() or the deadline.
  static void Wait(const std::atomic<uint32_t>& wake, int64_t deadline_ns);
  static void Interrupt();

 private:
  static std::atomic<int> waiting_;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_POLLER_H_
