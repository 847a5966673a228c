// SPDX-License-Identifier: Apache-2.0
// thread_state.h: what the current thread runs.
//
// A goroutine may go on in another thread after any switch, so the address of a thread-local variable must not
// be kept across one, as compilers do. Hence the only access is here, and the compiler cannot look inside.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_THREAD_STATE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_THREAD_STATE_H_

namespace stray::runtime {

struct Task;
struct Processor;
struct Machine;

struct ThreadState {
  Task* task;            // that runs here: a goroutine, or the thread itself once it has used the runtime
  Processor* processor;  // null: not a thread of the scheduler, or inside BlockingCall()
  Machine* machine;      // null: not a thread of the scheduler
};

}  // namespace stray::runtime

extern "C" {
extern thread_local constinit stray::runtime::ThreadState stray_runtime_thread_state
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
}

namespace stray::runtime {

// Valid until the next switch.
[[gnu::always_inline]] inline ThreadState* Self() {
#if defined(__x86_64__)
  ThreadState* self;
  asm volatile(
      "movq stray_runtime_thread_state@gottpoff(%%rip), %0\n\t"
      "addq %%fs:0, %0"
      : "=r"(self)
      :
      : "cc");
  return self;
#else
  ThreadState* SelfCall();
  return SelfCall();
#endif
}

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_THREAD_STATE_H_
