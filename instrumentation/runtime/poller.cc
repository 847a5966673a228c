// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/poller.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/park.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/runtime/timers.h"

namespace stray::runtime {
namespace {

constexpr int kEventsAtOnce = 64;

WordLock lock;
int epoll = -1, interrupt = -1;
std::atomic<bool> is_waiting{false};

// One wait for one descriptor; on the stack of the task.
struct Request {
  Task* task;
  int own_fd;  // a duplicate: one descriptor can be in an epoll set once, but have several waiters
  Timer timer;
  // 0: open; 1: ready; 2: timed out. Who changes it from 0 makes the task run.
  std::atomic<uint32_t> outcome{0};
  std::atomic<bool> timer_is_done{false};  // it has fired, and will not touch this any more
  WordLock parked;                         // held until the task stands still
};

void Open() {
  WordGuard guard(lock);
  if (epoll >= 0) return;
  // All calls here without libc: TSan would take these for accesses that nothing orders, and for order that the
  // program does not have.
  const long fd = KernelCall(SYS_epoll_create1, EPOLL_CLOEXEC);
  interrupt = static_cast<int>(KernelCall(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (fd < 0 || interrupt < 0) FatalNoMemory("a poller");
  epoll = static_cast<int>(fd);
}

long Control(int operation, int fd, epoll_event* event) {
  return KernelCall(SYS_epoll_ctl, epoll, operation, fd, reinterpret_cast<long>(event));
}

bool Win(Request* request, uint32_t outcome) {
  uint32_t open = 0;
  return request->outcome.compare_exchange_strong(open, outcome, std::memory_order_acq_rel);
}

void Finish(Request* request) {
  request->parked.Lock();
  request->parked.Unlock();
  Ready(request->task);
}

void Serve(const epoll_event* events, long count) {
  for (long i = 0; i < count; ++i) {
    auto* request = static_cast<Request*>(events[i].data.ptr);
    if (Win(request, 1)) Finish(request);
  }
}

long PollFor(epoll_event* events, int timeout_ms) {
  return KernelCall(SYS_epoll_pwait, epoll, reinterpret_cast<long>(events), kEventsAtOnce, timeout_ms, 0, 8);
}

// Only one machine at a time takes events out, so that a request that has timed out meanwhile is not touched.
WordLock taking;
// Held by the one that is inside Wait().
WordLock watching;

}  // namespace

std::atomic<int> Poller::waiting_{0};

int Poller::WaitFor(int fd, bool write, int64_t deadline_ns) {
  Scheduler::Start();
  Open();
  Request request;
  request.task = CurrentTask();
  request.own_fd = static_cast<int>(KernelCall(SYS_dup, fd));
  if (request.own_fd < 0) return -request.own_fd;
  epoll_event event = {.events = (write ? EPOLLOUT : EPOLLIN) | EPOLLRDHUP | EPOLLONESHOT,
                       .data = {.ptr = &request}};
  request.parked.Lock();
  // A watcher that sleeps on its futex is to sleep in Wait() from now on.
  if (waiting_.fetch_add(1, std::memory_order_seq_cst) == 0) Scheduler::WakeWatcher();
  if (const long result = Control(EPOLL_CTL_ADD, request.own_fd, &event); result < 0) {
    waiting_.fetch_sub(1, std::memory_order_seq_cst);
    KernelCall(SYS_close, request.own_fd);
    return static_cast<int>(-result);
  }
  if (deadline_ns != kNever) {
    request.timer.when_ns = TimerClock::FromMonotonic(deadline_ns);
    request.timer.argument = &request;
    request.timer.fire = [](Timer* timer) {
      auto* timed = static_cast<Request*>(timer->argument);
      const bool won = Win(timed, 2);
      timed->timer_is_done.store(true, std::memory_order_release);
      if (won) Finish(timed);
    };
    StartTimer(&request.timer);
  }
  // A watcher that sleeps elsewhere would not see the descriptor. In the poller it does: the set is polled as a
  // whole.
  if (!is_waiting.load(std::memory_order_seq_cst)) MachineLoop::NoteDescriptor();
  Park(WaitReason::kIoWait, reinterpret_cast<const void*>(static_cast<long>(fd)), &request.parked);
  if (deadline_ns != kNever && request.outcome.load(std::memory_order_acquire) == 1 &&
      !StopTimer(&request.timer)) {
    while (!request.timer_is_done.load(std::memory_order_acquire)) SpinPause();
  }
  {
    // Whoever has taken this request's event out is done with it once we have this lock.
    Control(EPOLL_CTL_DEL, request.own_fd, nullptr);
    WordGuard guard(taking);
  }
  KernelCall(SYS_close, request.own_fd);
  waiting_.fetch_sub(1, std::memory_order_seq_cst);
  return request.outcome.load(std::memory_order_acquire) == 1 ? 0 : ETIMEDOUT;
}

void Poller::PollNow() {
  if (!IsUsed() || epoll < 0 || !taking.TryLock()) return;
  epoll_event events[kEventsAtOnce];
  Serve(events, PollFor(events, 0));
  taking.Unlock();
}

void Poller::Wait(const std::atomic<uint32_t>& wake, int64_t deadline_ns) {
  // One that has been woken may still be on its way in or out when the next watcher comes.
  while (!watching.TryLock()) {
    if (wake.load(std::memory_order_seq_cst) != 0) return;
    KernelCall(SYS_sched_yield);
  }
  // Waits by poll(), which takes nothing out; so nobody has to wait for us. `interrupt` is not in the epoll
  // set, where another machine that looks in could take our wake-up out before we have seen it.
  pollfd set[] = {{epoll, POLLIN, 0}, {interrupt, POLLIN, 0}};
  is_waiting.store(true, std::memory_order_seq_cst);
  if (wake.load(std::memory_order_seq_cst) == 0) {
    const int64_t left = deadline_ns - Now();
    const timespec length = {left > 0 ? left / 1'000'000'000 : 0, left > 0 ? left % 1'000'000'000 : 0};
    KernelCall(SYS_ppoll, reinterpret_cast<long>(set), 2,
               deadline_ns == kNever ? 0 : reinterpret_cast<long>(&length), 0, 8);
  }
  is_waiting.store(false, std::memory_order_relaxed);
  uint64_t count;
  KernelCall(SYS_read, interrupt, reinterpret_cast<long>(&count), sizeof(count));
  watching.Unlock();
  PollNow();
}

void Poller::Interrupt() {
  if (interrupt < 0 || !is_waiting.load(std::memory_order_seq_cst)) return;
  const uint64_t one = 1;
  KernelCall(SYS_write, interrupt, reinterpret_cast<long>(&one), sizeof(one));
}

}  // namespace stray::runtime
