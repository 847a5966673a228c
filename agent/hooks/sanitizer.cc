// SPDX-License-Identifier: Apache-2.0
// sanitizer.cc: what a sanitizer in the same process prints is kept in the black box, too: its reports are
// findings like others, and a crash right after one loses nothing.
//
// Sanitizers call __sanitizer_on_print with each piece of text that they have printed, without colours, one
// report at a time. A shared runtime finds ours before its own, which does nothing. A static runtime has bound
// its own when the program was linked; there instrumentation/tsan/report_link.c hands on to us.
//
// ThreadSanitizer's reports say which locks a task had, but not where it took them, nor what it did before. The
// agent knows; what it knows at the moment when a task is named is kept with the text
// (recorder/report_tasks.h).
#include <string.h>

#include "agent/agent.h"
#include "agent/hooks/real.h"
#include "agent/recorder/box.h"
#include "agent/recorder/report_tasks.h"
#include "agent/recorder/thread.h"

namespace stray::agent {
namespace {

void NotePrint(const char* text) {
  const bool has_box = Agent::State() == AgentState::kOn || Agent::State() == AgentState::kDone;
  if (!has_box || !Agent::IsOwnProcess()) return;
  Box::Header()->flags |= wire::kBoxHearsTsan;
  const size_t length = strlen(text);
  if (length == 0) return;  // only says that there is somebody
  InsideAgent inside;
  const uint32_t first = Box::Append(wire::RegionId::kPrints, static_cast<uint32_t>(length));
  if (first == 0) return Box::Count(wire::Loss::kPrints);
  memcpy(Box::At<char>(wire::RegionId::kPrints, first), text, length);
  ReportTasks::NoteNamed(inside, text, first);
}

}  // namespace
}  // namespace stray::agent

// With a lock of the sanitizer's held, which no other thread gets meanwhile: only memory may be touched.
STRAY_EXPORT void __sanitizer_on_print(const char* text) { stray::agent::NotePrint(text); }
STRAY_EXPORT void stray_agent_note_print(const char* text) { stray::agent::NotePrint(text); }
