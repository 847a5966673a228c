// SPDX-License-Identifier: Apache-2.0
// page_template.S: the bytes of the page that build.mjs has made, without data.
    .section .rodata
    .global stray_page_begin
    .global stray_page_end
    .hidden stray_page_begin
    .hidden stray_page_end
stray_page_begin:
    .incbin STRAY_PAGE_FILE
stray_page_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
