/* SPDX-License-Identifier: Apache-2.0
 * cancel_guard.h: a call after which something must be put right if the thread is cancelled inside it.
 *
 * In C, and without -fexceptions, because pthread_cleanup_push() is then glibc's own mechanism (a jump buffer).
 * A cleanup by unwinding would need a personality routine in the agent: linked statically, it does not work
 * with the host's unwinder; shared, it would bring libgcc_s or libstdc++ into hosts that have none. */
#ifndef STRAY_AGENT_HOOKS_CANCEL_GUARD_H_
#define STRAY_AGENT_HOOKS_CANCEL_GUARD_H_

#ifdef __cplusplus
extern "C" {
#endif

/* Returns call(argument). If the thread is cancelled inside, on_cancel(argument) runs before its other
 * cleanups. */
__attribute__((visibility("hidden"))) int StrayGuardedCall(int (*call)(void*), void* argument,
                                                           void (*on_cancel)(void*));

#ifdef __cplusplus
}
#endif

#endif /* STRAY_AGENT_HOOKS_CANCEL_GUARD_H_ */
