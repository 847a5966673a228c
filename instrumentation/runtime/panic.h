// SPDX-License-Identifier: Apache-2.0
// panic.h: last words. Each prints what went wrong, in Go's words where Go has some, with the goroutine and its
// stack, and ends the program with status 2.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_PANIC_H_
#define STRAY_INSTRUMENTATION_RUNTIME_PANIC_H_

#include "instrumentation/runtime/task.h"

namespace stray::runtime {

// What a misuse is to an agent: agent/wire/misuse_kinds.inc.
enum class MisuseKind : uint32_t {
#define STRAY_MISUSE_KIND(number, enumerator, word, sentence) enumerator = number,
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
};

struct Misuse {
  MisuseKind kind;
  const char* call;   // "Chan::Send"
  WaitReason reason;  // of waits for such an object
  const void* object;
};

// "panic: TEXT", for misuse that Go panics on, and for the program's own.
[[noreturn]] void PanicWith(const char* text);
// The same, and the agent is told. Also "fatal error: TEXT".
[[noreturn]] void PanicOver(const Misuse& misuse, const char* text);
[[noreturn]] void FatalOver(const Misuse& misuse, const char* text);
// "fatal error: TEXT", for what Go throws.
[[noreturn]] void FatalError(const char* text);
// "fatal error: all goroutines are asleep - deadlock!" with all stacks.
[[noreturn]] void FatalAllAsleep();
[[noreturn]] void FatalStackOverflow(Task* task);
[[noreturn]] void FatalNoStack(Task* task);
[[noreturn]] void FatalNoMemory(const char* what);
// Used after stray::Main has returned, or the Runtime is gone.
[[noreturn]] void FatalAfterEnd();
// A goroutine waits for the runtime inside BlockingCall().
[[noreturn]] void FatalInCall(Task* task);

// An exception that leaves a goroutine: names the goroutine, then goes on to the program's own handler.
void InstallTerminateHandler();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_PANIC_H_
