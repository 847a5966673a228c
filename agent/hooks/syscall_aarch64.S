/* SPDX-License-Identifier: Apache-2.0
 * syscall_aarch64.S: the hook of syscall(2); see futex.cc.
 *
 * The number is in x0, the arguments in x1 to x6. x9 to x17 are free. */
#if defined(__aarch64__)

#define NR_FUTEX 98
#define NR_IO_URING_ENTER 426
#define NR_FIRST_NOTED 449      /* futex_waitv */
#define NR_NOTED_COUNT 7        /* up to futex_wait */

        .text
        .hidden stray_real_syscall
        .hidden stray_resolve_syscall
        .hidden stray_noted_syscall

        .globl  syscall
        .type   syscall, %function
        .p2align 4
syscall:
        .cfi_startproc
        hint    #34                     /* bti c */
        cmp     x0, #NR_FUTEX
        b.eq    .Lnoted
        cmp     x0, #NR_IO_URING_ENTER
        b.eq    .Lnoted
        sub     x9, x0, #NR_FIRST_NOTED
        cmp     x9, #NR_NOTED_COUNT
        b.lo    .Lnoted
        adrp    x9, stray_real_syscall
        ldr     x16, [x9, #:lo12:stray_real_syscall]
        cbz     x16, .Lresolve
        br      x16
.Lnoted:
        b       stray_noted_syscall
.Lresolve:
        stp     x29, x30, [sp, #-80]!
        .cfi_adjust_cfa_offset 80
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        stp     x2, x3, [sp, #32]
        stp     x4, x5, [sp, #48]
        str     x6, [sp, #64]
        bl      stray_resolve_syscall
        mov     x16, x0
        ldp     x0, x1, [sp, #16]
        ldp     x2, x3, [sp, #32]
        ldp     x4, x5, [sp, #48]
        ldr     x6, [sp, #64]
        ldp     x29, x30, [sp], #80
        .cfi_adjust_cfa_offset -80
        .cfi_restore x29
        .cfi_restore x30
        br      x16
        .cfi_endproc
        .size   syscall, . - syscall

#endif
        .section .note.GNU-stack, "", %progbits
