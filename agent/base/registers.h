// SPDX-License-Identifier: Apache-2.0
// registers.h: what a blocked thread leaves behind so that its stack can be walked while it stands still.
//
// STRAY_SAVE_REGISTERS must stand in the function that makes the blocking call: its frame then stays
// alive, and unwinding from the saved program counter is exact. The values stay in private memory of the
// process; the black box never holds register contents.
#ifndef STRAY_AGENT_BASE_REGISTERS_H_
#define STRAY_AGENT_BASE_REGISTERS_H_

#include <cstdint>

namespace stray::agent {

#if defined(__x86_64__)

struct Registers {
  uint64_t pc, sp, bp, bx, r12, r13, r14, r15;
};

#define STRAY_SAVE_REGISTERS(registers)                         \
  do {                                                          \
    ::stray::agent::Registers* stray_registers_ = &(registers); \
    __asm__ volatile(                                           \
        "lea 0f(%%rip), %%rax\n"                                \
        "0:\n"                                                  \
        "mov %%rax, 0(%0)\n"                                    \
        "mov %%rsp, 8(%0)\n"                                    \
        "mov %%rbp, 16(%0)\n"                                   \
        "mov %%rbx, 24(%0)\n"                                   \
        "mov %%r12, 32(%0)\n"                                   \
        "mov %%r13, 40(%0)\n"                                   \
        "mov %%r14, 48(%0)\n"                                   \
        "mov %%r15, 56(%0)\n"                                   \
        :                                                       \
        : "r"(stray_registers_)                                 \
        : "rax", "memory");                                     \
  } while (0)

#elif defined(__aarch64__)

struct Registers {
  uint64_t pc, sp, fp, lr, x19_x28[10];
};

#define STRAY_SAVE_REGISTERS(registers)                         \
  do {                                                          \
    ::stray::agent::Registers* stray_registers_ = &(registers); \
    __asm__ volatile(                                           \
        "adr x9, 0f\n"                                          \
        "0:\n"                                                  \
        "mov x10, sp\n"                                         \
        "stp x9, x10, [%0, #0]\n"                               \
        "stp x29, x30, [%0, #16]\n"                             \
        "stp x19, x20, [%0, #32]\n"                             \
        "stp x21, x22, [%0, #48]\n"                             \
        "stp x23, x24, [%0, #64]\n"                             \
        "stp x25, x26, [%0, #80]\n"                             \
        "stp x27, x28, [%0, #96]\n"                             \
        :                                                       \
        : "r"(stray_registers_)                                 \
        : "x9", "x10", "memory");                               \
  } while (0)

#endif

// Registers of a task that left these three, and whose function has the others in its frame.
inline Registers RegistersAt(void* sp, void* fp, void* pc) {
  Registers registers = {};
  registers.sp = reinterpret_cast<uint64_t>(sp);
  registers.pc = reinterpret_cast<uint64_t>(pc);
#if defined(__x86_64__)
  registers.bp = reinterpret_cast<uint64_t>(fp);
#elif defined(__aarch64__)
  registers.fp = reinterpret_cast<uint64_t>(fp);
#endif
  return registers;
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_BASE_REGISTERS_H_
