// SPDX-License-Identifier: Apache-2.0
// unwind_shims.h: what libunwind gets instead of libc.
//
// scripts/build-libunwind renames libunwind's calls of libc to stray_unwind_*; unwind_shims.cc defines
// them, so that walking a stack opens no descriptors, takes no lock of the loader and enters no hook.
#ifndef STRAY_AGENT_RECORDER_UNWIND_SHIMS_H_
#define STRAY_AGENT_RECORDER_UNWIND_SHIMS_H_

#include <libunwind.h>

namespace stray::agent {

// libunwind's fast walk, the inner part of unw_backtrace(): follows `cursor` by cached rules and stores up to
// *size return addresses. Negative when a frame needs unw_step() instead.
int UnwindTrace(unw_cursor_t* cursor, void** buffer, int* size);

// Frees what libunwind cached for the calling thread.
void ReleaseUnwinderCache();

// Around fork: nobody may be in the middle of changing libunwind's tables. Child: the lock is made new.
void LockUnwinder();
void UnlockUnwinder();
void ResetUnwinderLock();

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_UNWIND_SHIMS_H_
