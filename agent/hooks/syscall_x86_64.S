/* SPDX-License-Identifier: Apache-2.0
 * syscall_x86_64.S: the hook of syscall(2); see futex.cc.
 *
 * The number is in rdi, the arguments in rsi, rdx, rcx, r8, r9 and on the stack. rax, r10 and r11 are free. */
#if defined(__x86_64__)

#define NR_FUTEX 202
#define NR_IO_URING_ENTER 426
#define NR_FIRST_NOTED 449      /* futex_waitv */
#define NR_NOTED_COUNT 7        /* up to futex_wait */

        .text
        .hidden stray_real_syscall
        .hidden stray_resolve_syscall
        .hidden stray_noted_syscall

        .globl  syscall
        .type   syscall, @function
        .p2align 4
syscall:
        .cfi_startproc
        endbr64
        cmpq    $NR_FUTEX, %rdi
        je      .Lnoted
        cmpq    $NR_IO_URING_ENTER, %rdi
        je      .Lnoted
        leaq    -NR_FIRST_NOTED(%rdi), %rax
        cmpq    $NR_NOTED_COUNT, %rax
        jb      .Lnoted
        movq    stray_real_syscall(%rip), %rax
        testq   %rax, %rax
        jz      .Lresolve
        jmp     *%rax
.Lnoted:
        jmp     stray_noted_syscall
.Lresolve:
        .irp    register, %rdi, %rsi, %rdx, %rcx, %r8, %r9, %rbp
        pushq   \register
        .cfi_adjust_cfa_offset 8
        .endr
        call    stray_resolve_syscall
        .irp    register, %rbp, %r9, %r8, %rcx, %rdx, %rsi, %rdi
        popq    \register
        .cfi_adjust_cfa_offset -8
        .endr
        jmp     *%rax
        .cfi_endproc
        .size   syscall, . - syscall

#endif
        .section .note.GNU-stack, "", %progbits
