// SPDX-License-Identifier: Apache-2.0
// overflow_handler.h: a goroutine that has used up its stack is named, instead of dying of a bare SIGSEGV.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_OVERFLOW_HANDLER_H_
#define STRAY_INSTRUMENTATION_RUNTIME_OVERFLOW_HANDLER_H_

namespace stray::runtime {

// Once. A fault elsewhere goes to whoever handled SIGSEGV before; a program that installs its own handler
// later, or a sanitizer, keeps that.
void InstallOverflowHandler();
// In each thread that runs goroutines: a stack for the handler, unless the thread has one.
void PrepareOverflowStack();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_OVERFLOW_HANDLER_H_
