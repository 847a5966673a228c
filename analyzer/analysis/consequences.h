// SPDX-License-Identifier: Apache-2.0
// consequences.h: which of the tasks that are stuck are so because another one is: a lock's holder, a task that
// is joined. Followed to its end, that is a cause: a circle, or a task that waits for something else.
//
// Only holders and joins count: who waits on a channel might have been helped by several.
#ifndef STRAY_ANALYZER_ANALYSIS_CONSEQUENCES_H_
#define STRAY_ANALYZER_ANALYSIS_CONSEQUENCES_H_

#include <cstdint>
#include <vector>

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// True if `task`, when stuck, is reported, in a finding or as a consequence: it is left and not to be ignored;
// at the end of the program it is not main, which nobody can forget to stop, and at that of a test it is one of
// its own.
bool IsReportable(const Diagnosis& diagnosis, WaitGraph::Node task);

// True if the leftovers of this snapshot are leaks: that of the end of a program or test.
bool IsEndOfSomething(const Diagnosis& diagnosis);

class Consequences {
 public:
  using Node = WaitGraph::Node;

  // `diagnosis` must outlive it.
  explicit Consequences(const Diagnosis& diagnosis);

  // Of a stuck task that can be reported and is in no circle: itself, if it is no consequence.
  struct Cause {
    Node task = 0;
    uint32_t circle = kNoCircle;  // if not kNoCircle, it is that circle, and not `task`
  };
  Cause CauseOf(Node task) const;

  // In order; those of a task, or of a circle.
  std::vector<Node> OfTask(Node task) const;
  std::vector<Node> OfCircle(uint32_t number) const;

 private:
  const Diagnosis& diagnosis_;
  std::vector<Cause> causes_;  // by task
  absl::flat_hash_map<Node, std::vector<Node>> of_task_;
  std::vector<std::vector<Node>> of_circle_;
};

// Adds `tasks` to `finding` as its consequences, and a sentence about them.
void AddConsequences(const Diagnosis& diagnosis, const std::vector<WaitGraph::Node>& tasks, Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_CONSEQUENCES_H_
