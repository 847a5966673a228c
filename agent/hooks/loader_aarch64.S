/* SPDX-License-Identifier: Apache-2.0
 * loader_aarch64.S: dlopen and dlmopen without a frame of ours; see loader.cc.
 *
 * Both take at most three integer arguments, in x0, x1 and x2. The jump goes through x16, which a function built
 * for branch target identification accepts as a call. */
#if defined(__aarch64__)

.macro TRAMPOLINE name, note
        .globl  \name
        .type   \name, %function
        .p2align 4
\name:
        .cfi_startproc
        hint    #34                     /* bti c */
        stp     x29, x30, [sp, #-48]!
        .cfi_adjust_cfa_offset 48
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        str     x2, [sp, #32]
        bl      \note
        mov     x16, x0
        ldr     x2, [sp, #32]
        ldp     x0, x1, [sp, #16]
        ldp     x29, x30, [sp], #48
        .cfi_adjust_cfa_offset -48
        .cfi_restore x29
        .cfi_restore x30
        br      x16
        .cfi_endproc
        .size   \name, . - \name
.endm

        .text
        .hidden stray_note_dlopen
        .hidden stray_note_dlmopen
        TRAMPOLINE dlopen, stray_note_dlopen
        TRAMPOLINE dlmopen, stray_note_dlmopen

#endif
        .section .note.GNU-stack, "", %progbits
