// SPDX-License-Identifier: Apache-2.0
// evidence.h: tasks as findings show them, and which of them look the same.
//
// Tasks with the same stacks are one group. Only the first task of a group carries the stacks, so that
// 100,000 tasks in 50 groups cost 50 sets of stacks.
#ifndef STRAY_ANALYZER_ANALYSIS_EVIDENCE_H_
#define STRAY_ANALYZER_ANALYSIS_EVIDENCE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// A stack of the dump as evidence. Without a stack, `site` is what is left of it, and it is marked missing.
EvidenceStack StackEvidence(const ProcessModel& process, const std::string& role, uint32_t stack,
                            const wire::Site& site = {});

// What tells a frame from others: function, file and line, or as much of it as is known. Of a function without
// line information any place in it; of a module without names, the place; of code that was made at run time,
// only that it was.
std::string FrameKey(const FrameView& frame);

// The same for a stack, also of different processes: its user frames, or all if it has none. "": no frames.
std::string StackKey(const ProcessModel& process, absl::Span<const uint64_t> addresses);

// The part of a live task, without stacks.
EvidenceTask TaskEvidence(const ProcessModel& process, const wire::TaskState& state);

// Stacks of one process and the states of one snapshot.
//
// Stacks are the same if their user frames are: function, file and line. Addresses differ for one line (the
// compiler unrolls loops), and what the C library does below a call differs from wait to wait. A frame without
// line information counts by its function, or by its place in the module where the function is not known, and
// outside of all modules only as such; a stack without user frames counts by all of its frames.
class EvidenceMaker {
 public:
  // Both must outlive it.
  EvidenceMaker(const ProcessModel& process, const SnapshotModel* snapshot);

  // What tasks of one group have in common: how they wait, where they wait, where they were created.
  struct Look {
    std::string state;
    std::string wait_reason;
    uint32_t where = 0;  // number of the stack, by content
    uint32_t created = 0;
    uint64_t start_routine = 0;

    template <typename H>
    friend H AbslHashValue(H hash, const Look& look) {
      return H::combine(std::move(hash), look.state, look.wait_reason, look.where, look.created,
                        look.start_routine);
    }
    bool operator==(const Look& other) const = default;
  };
  Look LookOf(const wire::TaskState& state) const;

  // The same, but only where the task comes from: for tasks that run, whose place means nothing.
  Look OriginOf(uint32_t task) const;

  // The stacks of a live task: where it waits or runs, and where it was created.
  std::vector<EvidenceStack> StacksOf(const wire::TaskState& state) const;

  // Where the task was created, then where its creator was, and so on; empty for main and others that nobody is
  // known to have created.
  std::vector<EvidenceStack> CreationOf(uint32_t task) const;

  // The same number for the same places; 0 if nothing is known of the place. By stack id, or for a site.
  uint32_t NumberOf(uint32_t stack) const;
  uint32_t NumberOf(const wire::Site& site) const;

  // Groups the tasks (indices into the snapshot), in order of their first members; larger groups first.
  std::vector<TaskGroup> Group(const std::vector<uint32_t>& indices) const;

 private:
  struct Where {
    uint32_t stack = 0;
    wire::Site site;
  };

  // Where the task stands. Read after death, the snapshot has no stacks; an earlier snapshot has one if it
  // saw the task in the very same wait.
  Where WhereIs(const wire::TaskState& state) const;

  uint32_t NumberOfAddresses(absl::Span<const uint64_t> addresses) const;

  const ProcessModel& process_;
  const SnapshotModel* snapshot_;
  // Filled in as numbers are asked for: most stacks of a process never are.
  mutable absl::flat_hash_map<uint32_t, uint32_t> number_of_stack_;
  mutable absl::flat_hash_map<std::string, uint32_t> number_of_place_;
};

// Ids of all tasks of `groups`, in order.
std::vector<uint32_t> TaskIds(const std::vector<TaskGroup>& groups);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_EVIDENCE_H_
