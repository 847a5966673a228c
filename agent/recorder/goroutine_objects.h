// SPDX-License-Identifier: Apache-2.0
// goroutine_objects.h: what the goroutines of a snapshot refer to: the objects that they wait for, with who has
// used them, the locks that they have, the cases of their selects, names and labels. All of it is described
// once in a snapshot, however many refer to it.
#ifndef STRAY_AGENT_RECORDER_GOROUTINE_OBJECTS_H_
#define STRAY_AGENT_RECORDER_GOROUTINE_OBJECTS_H_

#include "agent/recorder/thread.h"
#include "agent/wire/goroutine_records.h"
#include "agent/wire/runtime_abi.h"

namespace stray::agent {

// Context of all but Find(): the one snapshot that is being taken.
class GoroutineObjects {
 public:
  static void Begin(const runtime_abi::RuntimeDescriptor* runtime);
  // How much of the regions of the box belongs to this snapshot.
  static void End();
  // After fork: the box is another one.
  static void Forget();

  // Strings of the box; 0: none.
  static uint32_t Name(const char* name);
  static uint32_t Labels(const runtime_abi::LabelText* labels);

  // The object at `address` that a task with this wait reason waits for; 0: none, or it is gone.
  static uint32_t Object(const InsideAgent& inside, uint16_t reason, const void* address);
  // The same at any time, without who has used it.
  static uint32_t Find(const InsideAgent& inside, const runtime_abi::RuntimeDescriptor* runtime,
                       uint16_t reason, const void* address);

  // The lock that this goroutine of the snapshot waits for: its holder as it is now; none, if it changes at the
  // moment.
  static void CheckHolder(const InsideAgent& inside, const wire::GoroutineState& waiter);

  // Into `out`: the locks that the task has, the cases of the select that it waits in.
  static void WriteHeld(const InsideAgent& inside, const runtime_abi::GoroutineRecord& record,
                        wire::GoroutineState* out);
  static void WriteCases(const InsideAgent& inside, const runtime_abi::GoroutineRecord& record,
                         wire::GoroutineState* out);
  // The locks of a thread, behind those that its copy in the snapshot has.
  static void AddHeld(const InsideAgent& inside, const runtime_abi::GoroutineRecord& record,
                      wire::TaskRecord* copy);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_GOROUTINE_OBJECTS_H_
