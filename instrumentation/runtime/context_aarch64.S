/* SPDX-License-Identifier: Apache-2.0
 * context_aarch64.S: where a context begins that has not run yet; see context_aarch64.h.
 *
 * sp[0] is the return address, null where a walk is to end, and sp[1] the function. The jump goes through x16, which
 * a function built for branch target identification accepts as a call. */
#if defined(__aarch64__)

        .text
        .globl  stray_runtime_enter
        .hidden stray_runtime_enter
        .type   stray_runtime_enter, %function
        .p2align 4
stray_runtime_enter:
        .cfi_startproc
        hint    #36                     /* bti j */
        ldp     x30, x16, [sp], #16
        br      x16
        .cfi_endproc
        .size   stray_runtime_enter, . - stray_runtime_enter

#endif
        .section .note.GNU-stack, "", %progbits
