// SPDX-License-Identifier: Apache-2.0
// lockset.h: variables that no lock protects all the time (Eraser: Savage and others, TOCS 1997). A hint, no
// proof: forks, joins and hand-overs order accesses, too, and this does not know.
#ifndef STRAY_ANALYZER_TRACE_LOCKSET_H_
#define STRAY_ANALYZER_TRACE_LOCKSET_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "analyzer/trace/event.h"

namespace stray::analyzer {

class Lockset {
 public:
  // Called for each access to a variable that several tasks use, at least one to write, and that no lock has
  // protected from the first access on; with the last access of another task.
  using OnSuspicion = std::function<void(const AccessPair&)>;

  explicit Lockset(OnSuspicion on_suspicion) : on_suspicion_(std::move(on_suspicion)) {}

  // The next event of the trace.
  void Add(const TraceEvent& event);

 private:
  struct Held {
    uint32_t lock;
    uint32_t writes, reads;  // how often it has it so
  };
  struct Variable {
    bool is_known = false;
    bool is_shared = false;  // by several tasks
    bool is_written = false;
    uint32_t last_task = 0;
    EventIndex last = kNoEvent;
    EventIndex last_of_other = kNoEvent;  // of another task than last_task
    std::vector<uint32_t> locks;          // held at every access so far, to write at every write
  };

  void Access(const TraceEvent& event);
  void Acquire(const TraceEvent& event);
  void Release(const TraceEvent& event);

  OnSuspicion on_suspicion_;
  EventIndex next_ = 0;
  std::vector<std::vector<Held>> held_;  // by task
  std::vector<Variable> variables_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_LOCKSET_H_
