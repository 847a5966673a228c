// SPDX-License-Identifier: Apache-2.0
// finding.h: one diagnosed problem, with the evidence that a reader needs to believe it.
//
// Findings are plain data. analysis/ makes them from a Model; report/ prints them; nothing else decides.
#ifndef STRAY_ANALYZER_ANALYSIS_FINDING_H_
#define STRAY_ANALYZER_ANALYSIS_FINDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/model/model.h"

namespace stray::analyzer {

enum class Confidence { kProved, kLikely, kHeuristic };

// A stack or a single place, and the part it plays: "blocked", "created", "acquired", "wanted", "misuse", ...
struct EvidenceStack {
  std::string role;
  std::vector<uint64_t> addresses;  // innermost first; looked up with ProcessModel::FrameAt
  bool first_is_exact = false;
  bool cut = false;
  bool missing = false;  // only a living process could have given it
};

// A lock that a task holds, as evidence.
struct EvidenceHeld {
  uint32_t object = 0;
  bool read = false;
  wire::Site site;
};

// A case of the select that a task waits in.
struct EvidenceCase {
  uint32_t object = 0;
  bool sends = false;
};

// What a task did to memory, in a race.
struct EvidenceAccess {
  bool write = false;
  bool atomic = false;
  uint32_t size = 0;  // bytes, 0: not known
  uint64_t address = 0;
  std::string object_type;  // of an object that a library has declared
};

// One task's part in a finding.
struct EvidenceTask {
  uint32_t task = 0;            // id in the process, 0: not known
  std::string state;            // running, runnable, blocked, finished
  std::string wait_reason;      // refined
  std::string waits_on;         // kind of object that such a wait is for: mutex, fd, channel; "": none
  uint64_t wait_ns = 0;         // 0: not blocked or not known
  uint32_t object = 0;          // what it waits on
  uint32_t waits_for_task = 0;  // whose holding or end it waits for, 0: nobody in particular
  std::vector<EvidenceCase> cases;
  std::vector<EvidenceHeld> held;
  std::vector<EvidenceStack> stacks;
  std::optional<EvidenceAccess> access;
  std::vector<const wire::Event*> recent;  // of a race: what it had done last before the report, oldest first
};

// What made one task of a race know last what the other had done: an edge of happens-before.
struct EvidenceOrder {
  uint32_t from = 0, to = 0;              // tasks
  uint32_t object = 0;                    // 0: `from` has created `to`
  const wire::Event* released = nullptr;  // of `from`
  const wire::Event* acquired = nullptr;  // of `to`; null: its start
};

// What else there is to a finding that a race detector has made.
struct EvidenceReport {
  const wire::SanitizerReport* shown = nullptr;  // of Finding::process; the others say the same of other tasks
  std::vector<std::string> origins;              // where all of them stood, as "log.4711:12"
  std::vector<int32_t> pids;                     // of the processes that saw it, each once
  uint64_t call_paths = 1;                       // different ways to the same places
  std::optional<EvidenceOrder> last_order;       // of the race that is shown
};

// How many wait at a place, from snapshot to snapshot of a program that goes on.
struct EvidenceGrowth {
  uint64_t first = 0;  // when it began to grow
  uint64_t now = 0;
  double per_minute = 0;
  uint64_t snapshots = 0;  // since it began
  uint64_t since_ns = 0;   // when that was; CLOCK_MONOTONIC
  uint64_t oldest_ns = 0;  // how long the first of them has waited
};

// Tasks of one finding with the same stacks, shown once with a count.
struct TaskGroup {
  std::vector<EvidenceTask> tasks;  // at least one; the first is shown
};

// A rule that shows a finding and lets it fail nothing, up to the end of a day.
struct Quarantine {
  std::string rule;     // "rules.supp:3: the reason"
  std::string expires;  // the last day, "2026-12-31"
  bool ran_out = false;
};

struct Finding {
  std::string id;           // leak.blocked, deadlock.cycle, ... (docs/FINDINGS.md)
  std::string kind;         // of a misuse or a detector's report, from its .inc list; else ""
  std::string title;        // one line without a full stop
  std::string explanation;  // who waits, for what, who could have ended it, why that cannot happen
  Confidence confidence = Confidence::kProved;
  uint64_t count = 1;             // how often it occurred (for a circle: circles, not tasks)
  std::vector<TaskGroup> groups;  // in the order they should be read
  // Tasks that are stuck because those of `groups` are: they wait for what these hold, for their end, or for
  // one of the consequences. They are no findings of their own.
  std::vector<TaskGroup> consequences;
  std::vector<uint32_t> objects;  // involved objects
  std::optional<EvidenceReport> reported;
  std::optional<EvidenceGrowth> growth;
  std::string signature;                  // stable over runs and line shifts: for baselines and grouping
  const ProcessModel* process = nullptr;  // whose ids the above are
  bool suppressed = false;
  std::string suppressed_by;  // the rule
  std::optional<Quarantine> quarantine;
  std::string exceeded;       // what a rule with a limit says of it, since there are more; "": none does
  std::optional<bool> known;  // whether the baseline has it; nullopt: there is no baseline
};

inline bool IsQuarantined(const Finding& finding) {
  return finding.quarantine.has_value() && !finding.quarantine->ran_out;
}

// True if a project has decided that `finding` fails nothing (docs/POLICY.md), whatever --fail-on says.
inline bool IsExcused(const Finding& finding) {
  return finding.suppressed || finding.known.value_or(false) || IsQuarantined(finding);
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_FINDING_H_
