/* SPDX-License-Identifier: Apache-2.0
 * loader_x86_64.S: dlopen and dlmopen without a frame of ours; see loader.cc.
 *
 * Both take at most three integer arguments, in rdi, rsi and rdx. At entry rsp is 8 below a multiple of 16;
 * four words later calls are aligned again. */
#if defined(__x86_64__)

.macro TRAMPOLINE name, note
        .globl  \name
        .type   \name, @function
        .p2align 4
\name:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        pushq   %rsi
        .cfi_adjust_cfa_offset 8
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    \note
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        popq    %rsi
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbp
        jmp     *%rax
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
