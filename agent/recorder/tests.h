// SPDX-License-Identifier: Apache-2.0
// tests.h: which test of the program a task belongs to: that of the task which started it.
//
// A test is known by a number, the place of its name in the black box. Each run of a test has one of its own.
#ifndef STRAY_AGENT_RECORDER_TESTS_H_
#define STRAY_AGENT_RECORDER_TESTS_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

class Tests {
 public:
  // From here on the calling task, and what it starts, belongs to a run of `name`; null or "": to none. Returns
  // the test that it belonged to before.
  static uint32_t Begin(const InsideAgent& inside, Thread* self, const char* name);
  // To test `number`, which Begin() has returned.
  static void Resume(Thread* self, uint32_t number);

  // The test of what thread `thread`, the calling one, does now: of the goroutine that it runs, if it runs one.
  static uint32_t Of(const Thread* thread);

  // Whether a task of test `number` is alive, besides the calling one, main, and those that are not the
  // program's own.
  static bool HasLive(const Thread* self, uint32_t number);

  // Whether there may be anything to find when the test of the calling task ends now.
  static bool IsWorthALook(const Thread* self);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_TESTS_H_
