// SPDX-License-Identifier: Apache-2.0
// libc_threads.h: who made a thread that no hook has seen start.
//
// libc makes threads for itself, for timers and message queues that notify by thread (SIGEV_THREAD), aio and
// getaddrinfo_a, by calls inside of libc that no hook can see. They are as much its own business as its locks
// are: no gap in what is known, though the callbacks they run are the program's and may wake its tasks.
//
//   kernel: address of the robust list of a thread   -> its descriptor (struct pthread), which holds that list
//   libc: _thread_db_pthread_start_routine, the offset that debuggers use -> the function it was started with
//   the function lies in libc                        -> the thread is libc's own
//
// A thread made by clone() itself has no robust list. Before glibc 2.35 the one or the other part of this is
// missing, and such threads count as the program's.
#ifndef STRAY_AGENT_RECORDER_LIBC_THREADS_H_
#define STRAY_AGENT_RECORDER_LIBC_THREADS_H_

#include <cstdint>

namespace stray::agent {

enum class ThreadMaker : uint32_t {
  kNobody,   // clone() itself; or the thread has not set itself up yet, or is about to be gone
  kProgram,  // pthread_create(), past our hook
  kAgent,    // pthread_create() through our hook: it has only not come to say so
  kLibc,
};

class LibcThreads {
 public:
  // Once, when the agent comes up in a program: calls the loader.
  static void Initialize();

  // Who made thread `tid` of this process. Context: inside the agent, any thread of libc's (of its main
  // namespace).
  static ThreadMaker MakerOf(int tid);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_LIBC_THREADS_H_
