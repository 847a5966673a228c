// SPDX-License-Identifier: Apache-2.0
// analyze.h: a Model in, findings out. A pure function of its input: no files, no clock, no randomness.
#ifndef STRAY_ANALYZER_ANALYSIS_ANALYZE_H_
#define STRAY_ANALYZER_ANALYSIS_ANALYZE_H_

#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct AnalysisOptions {
  bool default_ignores = true;  // leave out background threads of well-known libraries
};

// Sorted by importance: deadlocks, hangs, races, proved leaks, likely leaks, lock orders, misuse.
std::vector<Finding> Analyze(const Model& model, const AnalysisOptions& options = {});

// The snapshot that a process is judged by: the newest, or the one that a time limit asked for, since what came
// after it is only the program being ended. Null: there is none.
const SnapshotModel* SnapshotToJudge(const ProcessModel& process);

// True if something was lost, damaged or out of sight so that "no findings" would not mean "clean".
bool IsIncomplete(const Model& model);

// Threads that no hook has seen start, and that are neither libc's own nor the one that a sanitizer keeps.
uint64_t RawThreads(const ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_ANALYZE_H_
