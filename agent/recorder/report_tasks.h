// SPDX-License-Identifier: Apache-2.0
// report_tasks.h: what the tasks of a sanitizer's report had locked and done last, when it was printed.
#ifndef STRAY_AGENT_RECORDER_REPORT_TASKS_H_
#define STRAY_AGENT_RECORDER_REPORT_TASKS_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

class ReportTasks {
 public:
  // Keeps that of each task that `text`, a piece of a report of ThreadSanitizer, names; `print` is where it is
  // kept. Each task once for each report. Context: the sanitizer's lock is held, which orders the calls.
  static void NoteNamed(const InsideAgent& inside, const char* text, uint32_t print);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REPORT_TASKS_H_
