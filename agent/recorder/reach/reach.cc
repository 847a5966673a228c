// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/reach.h"

#include <dlfcn.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/hold.h"
#include "agent/recorder/reach/growing.h"
#include "agent/recorder/reach/marker.h"
#include "agent/recorder/reach/own_memory.h"
#include "agent/wire/heap_abi.h"

namespace stray::agent {
namespace {

using wire::ReachState;

constexpr int kStopTries = 20;
constexpr uint64_t kLongestNs = 60'000'000'000;  // for all of the memory
constexpr size_t kStackBytes = 1 << 20;          // of the copy: those of the program may be small

bool is_on = false;
bool has_sanitizer = false;  // its memory leads to everything, and reading its shadow takes long
const heap_abi::HeapDescriptor* heap = nullptr;

// What the copy works on; set before it is made.
Registers taker_registers;
TaskStacks::Taker taker;
void (*before_marking)() = nullptr;

char* copy_stack = nullptr;  // lowest address

int copy_pid = 0;  // 0: none that anybody has to look after

// Whoever has asked for the snapshot sleeps on `done_seq`, and is to ask again.
[[noreturn]] void EndCopy(ReachState state) {
  wire::BlackBoxHeader* box = Box::Header();
  __atomic_store_n(&box->snapshot.reach_state, static_cast<uint32_t>(state), __ATOMIC_RELEASE);
  __atomic_store_n(&box->snapshot.copy_ended, 1, __ATOMIC_RELEASE);
  FutexWake(&box->done_seq);
  for (;;) RawCall(SYS_exit_group, 0);
}

[[noreturn]] void RunInCopy() {
  if (before_marking != nullptr) before_marking();
  const auto stack = reinterpret_cast<uint64_t>(copy_stack);
  Marker marker(heap, {stack, stack + kStackBytes}, PreciseNow() + kLongestNs);
  EndCopy(marker.Run(taker));
}

// A fault ends the copy, and is no crash of the program. Signals are blocked: none will come but these.
void ForgetHandlers() {
  struct {
    uint64_t handler, flags, restorer, mask;
  } action = {};
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT}) {
    RawCall(SYS_rt_sigaction, signal, reinterpret_cast<long>(&action), 0, 8);
  }
}

[[noreturn]] void BecomeCopy() {
  ForgetHandlers();
#if defined(SYS_close_range)
  RawCall(SYS_close_range, 0, ~0u, 0);  // whoever waits for the end of a pipe is not to wait for this
#endif
  copy_stack = static_cast<char*>(MapMemory(kStackBytes));
  if (copy_stack == nullptr) EndCopy(ReachState::kNoMemory);
#if defined(__x86_64__)
  __asm__ volatile(
      "mov %0, %%rsp\n"
      "xor %%ebp, %%ebp\n"
      "call *%1\n"
      :
      : "r"(copy_stack + kStackBytes), "r"(&RunInCopy)
      : "memory");
#elif defined(__aarch64__)
  __asm__ volatile(
      "mov sp, %0\n"
      "mov x29, xzr\n"
      "blr %1\n"
      :
      : "r"(copy_stack + kStackBytes), "r"(&RunInCopy)
      : "memory");
#endif
  __builtin_unreachable();
}

// A process that tells nobody of its end: the program's own waits do not see it. Negative: the kernel's error.
long MakeCopy() {
  uint64_t all = ~uint64_t{0}, before = 0;
  RawCall(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&before), 8);
  const long pid = RawCall(SYS_clone, 0, 0, 0, 0, 0);
  if (pid == 0) BecomeCopy();
  RawCall(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&before), 0, 8);
  return pid;
}

}  // namespace

void Reach::Prepare() {
  is_on = true;
  const auto describe =
      reinterpret_cast<decltype(&stray_heap_describe)>(dlsym(RTLD_DEFAULT, "stray_heap_describe"));
  heap = describe == nullptr ? nullptr : describe();
  if (heap != nullptr && heap->abi != heap_abi::kHeapAbi) heap = nullptr;
  for (const char* name : {"__asan_init", "__hwasan_init", "__tsan_init", "__msan_init", "__lsan_init"}) {
    has_sanitizer |= dlsym(RTLD_DEFAULT, name) != nullptr;
  }
  OwnMemory::Find(heap);
  TaskStacks::Prepare();
  Hold::Prepare();
}

bool Reach::IsOn() { return is_on; }

ReachState Reach::Stop() {
  if (has_sanitizer || (Box::Header()->flags & wire::kBoxSanitizer) != 0) return ReachState::kSanitizer;
  if (heap == nullptr) return ReachState::kNoHeap;
  if (!heap->is_in_use()) return ReachState::kOwnHeap;
  for (int i = 0; i < kStopTries; ++i) {
    if (!Hold::Begin()) return ReachState::kNotStill;
    if (__atomic_load_n(heap->lost, __ATOMIC_ACQUIRE) != 0) {
      Hold::End();
      return ReachState::kNoMemory;
    }
    if (__atomic_load_n(heap->moving, __ATOMIC_ACQUIRE) == 0) return ReachState::kComplete;
    Hold::End();
    RawCall(SYS_sched_yield);
  }
  return ReachState::kNotStill;
}

__attribute__((noinline)) ReachState Reach::CopyAndGoOn(const Registers& here, const Registers* self,
                                                        void (*before)(), uint64_t* went_on_ns) {
  before_marking = before;
  taker_registers = self == nullptr ? here : *self;
  // From the caller's frame on. In our own may still stand what walks of other stacks have left there.
  const uint64_t frame = reinterpret_cast<uint64_t>(__builtin_frame_address(0)) + 2 * sizeof(void*);
  taker = {tls.self, &taker_registers, frame, self != nullptr};
  if (tls.self != nullptr) Hold::NoteHandlerStack(tls.self);
  const long pid = MakeCopy();
  if (pid > 0) __atomic_store_n(&copy_pid, static_cast<int>(pid), __ATOMIC_RELEASE);
  Hold::End();
  *went_on_ns = PreciseNow();
  return pid < 0 ? ReachState::kNoFork : ReachState::kNotEnded;
}

bool Reach::HasCopy() { return __atomic_load_n(&copy_pid, __ATOMIC_ACQUIRE) != 0; }

// Of several callers the kernel gives the status to one, and an error to the others, as it does if the program
// has taken it: wait(..., __WALL) of its own. So the word decides.
bool Reach::Reap(int options) {
  int pid = __atomic_load_n(&copy_pid, __ATOMIC_ACQUIRE);
  if (pid == 0) return false;
  long result;
  do {
    result = RawCall(SYS_wait4, pid, 0, __WALL | options, 0);
  } while (result == -EINTR);
  if (result == 0) return false;
  if (!__atomic_compare_exchange_n(&copy_pid, &pid, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return false;
  wire::SnapshotHeader* snapshot = &Box::Header()->snapshot;
  if (snapshot->reach_state == static_cast<uint32_t>(ReachState::kNotEnded)) {
    snapshot->reach_state = static_cast<uint32_t>(ReachState::kDied);
  }
  return true;
}

bool Reach::AwaitCopy() { return Reap(0); }
bool Reach::PollCopy() { return Reap(WNOHANG); }

bool Reach::AbandonCopy() {
  if (PollCopy()) return true;
  const int pid = __atomic_load_n(&copy_pid, __ATOMIC_ACQUIRE);
  if (pid == 0) return false;
  RawCall(SYS_kill, pid, SIGKILL);
  return AwaitCopy();
}

void Reach::ForgetCopy() { copy_pid = 0; }

}  // namespace stray::agent
