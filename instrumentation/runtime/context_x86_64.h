// SPDX-License-Identifier: Apache-2.0
// context_x86_64.h: the switch routine, and the entry of a new task; included by context.h only.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_X86_64_H_
#define STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_X86_64_H_

#include <cstdint>

namespace stray::runtime {

// Keeps where the caller stands in `from` and goes on at `to`. Returns when somebody switches to `from`,
// perhaps in another thread.
[[gnu::always_inline]] inline void SwitchContext(Context* from, const Context* to) {
  asm volatile(
      "leaq 1f(%%rip), %%rax\n\t"
      "movq %%rsp, 0(%0)\n\t"
      "movq %%rbp, 8(%0)\n\t"
      "movq %%rax, 16(%0)\n\t"
      "movq 0(%1), %%rsp\n\t"
      "movq 8(%1), %%rbp\n\t"
      "jmpq *16(%1)\n\t"
      "1:"
      : "+D"(from), "+S"(to)
      :
      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
        "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
        "xmm14", "xmm15", "memory", "cc");
}

// So that `to` begins at `entry`, on an empty stack that ends at `top` (16-aligned). A walk ends there: the
// return address is null.
inline void StartContext(Context* to, void* top, void (*entry)()) {
  auto* frame = static_cast<uint64_t*>(top) - 2;
  frame[0] = frame[1] = 0;
  // As after a call: the stack pointer is 8 below a multiple of 16.
  *to = {frame + 1, nullptr, reinterpret_cast<void*>(entry)};
}

// A context that goes on at `at` as if the function there had just called `function`, which must not return.
// The task that stood there cannot go on: for a program that dies and still wants to see that task's stack.
inline Context AsCall(const Context& at, void (*function)()) {
  auto* sp = static_cast<void**>(at.sp) - 1;
  *sp = at.pc;
  return {sp, at.fp, reinterpret_cast<void*>(function)};
}

inline void SpinPause() { asm volatile("pause"); }

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_X86_64_H_
