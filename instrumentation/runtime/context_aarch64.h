// SPDX-License-Identifier: Apache-2.0
// context_aarch64.h: the switch routine, and the entry of a new task; included by context.h only.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_AARCH64_H_
#define STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_AARCH64_H_

#include <cstdint>

namespace stray::runtime {

// See context_x86_64.h.
[[gnu::always_inline]] inline void SwitchContext(Context* from, const Context* to) {
  register Context* save asm("x0") = from;
  register const Context* load asm("x1") = to;
  asm volatile(
      "adr x2, 1f\n\t"
      "mov x3, sp\n\t"
      "stp x3, x29, [x0]\n\t"
      "str x2, [x0, #16]\n\t"
      "ldp x3, x29, [x1]\n\t"
      "ldr x2, [x1, #16]\n\t"
      "mov sp, x3\n\t"
      "br x2\n\t"
      "1:"
      : "+r"(save), "+r"(load)
      :
      : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
        "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3",
        "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18",
        "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "memory",
        "cc");
}

// In context_aarch64.S: takes the return address, and then where to go on, from the stack. A switch sets
// neither of the registers that they belong in.
extern "C" void stray_runtime_enter() __attribute__((visibility("hidden")));

// A context that goes on at `function`, called from `caller`, with its stack below `sp`.
inline Context CallFrom(void* sp, void* fp, void* caller, void (*function)()) {
  auto** frame = static_cast<void**>(sp) - 2;
  frame[0] = caller;
  frame[1] = reinterpret_cast<void*>(function);
  return {frame, fp, reinterpret_cast<void*>(&stray_runtime_enter)};
}

// See context_x86_64.h, for these two.
inline void StartContext(Context* to, void* top, void (*entry)()) {
  *to = CallFrom(top, nullptr, nullptr, entry);
}
inline Context AsCall(const Context& at, void (*function)()) { return CallFrom(at.sp, at.fp, at.pc, function); }

inline void SpinPause() { asm volatile("isb"); }

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_AARCH64_H_
