// SPDX-License-Identifier: Apache-2.0
// longjmp.cc: a signal handler may leave a blocked call by siglongjmp, the old way to give read() a timeout.
// The hook that had marked the wait never returns then, so the mark is taken off here.
//
// While a wait is marked, only code in a signal handler can jump. It is taken to leave the call; if it only
// jumps about inside the handler, the call goes on unmarked until it returns (see ~WaitScope). Where a jump
// leads could be told by deciphering the stack pointer in the buffer, which is libc's secret: not worth it for
// that case.
#include <setjmp.h>

#include "agent/hooks/blocking.h"

namespace stray::agent {
namespace {

void LeaveWait() {
  Thread* thread = KnownThread();
  if (STRAY_LIKELY(thread == nullptr)) return;
  thread->announcing = 0;
  if (STRAY_LIKELY((thread->record->wait_seq & 1) == 0)) return;
  wire::TaskRecord* record = thread->record;
  __atomic_store_n(&record->wait_seq, record->wait_seq + 1, __ATOMIC_RELEASE);
  __atomic_store_n(&record->state, static_cast<uint8_t>(wire::TaskState::kRunning), __ATOMIC_RELAXED);
  record->last_site = record->wait_site;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT void longjmp(__jmp_buf_tag* buffer, int value) noexcept {
  LeaveWait();
  Real().longjmp(buffer, value);
  __builtin_unreachable();
}
STRAY_EXPORT_ALIAS(_longjmp, longjmp);
STRAY_EXPORT_ALIAS(siglongjmp, longjmp);

STRAY_EXPORT void __longjmp_chk(__jmp_buf_tag* buffer, int value) noexcept {
  LeaveWait();
  Real().__longjmp_chk(buffer, value);
  __builtin_unreachable();
}
