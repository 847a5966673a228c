// SPDX-License-Identifier: Apache-2.0
// dump_diff.h: what has changed from dump to dump: groups of tasks, and findings.
//
//   dumps, explained and judged --> CompareDumps() --> DumpDiff --> text for people, JSON
//   (docs/diff.schema.json)
//
// The dumps may be of one process as time goes by, or of a program before and after a change: everything is
// told by program and function names, never by addresses, lines or ids. Processes of the same program count
// together.
//
// What tasks of a group have in common: program, kind, how they wait, and the user functions they stand in.
// Where a running task happens to be says nothing, so running ones are told by the functions that created them.
#ifndef STRAY_ANALYZER_REPORT_DUMP_DIFF_H_
#define STRAY_ANALYZER_REPORT_DUMP_DIFF_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/trend.h"
#include "analyzer/model/model.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// One dump of the series.
struct JudgedDump {
  std::string path;
  const Model* model = nullptr;
  std::vector<Finding> findings;
  bool incomplete = false;
};

// From the first dump to the last.
enum class Change { kNew, kGrown, kShrunk, kGone, kPassing, kSame };

// "new", "grown", "shrunk", "gone", "passing" (in between only), "same".
const char* ChangeText(Change change);

struct WaitTimes {
  uint64_t least_ns = 0, median_ns = 0, most_ns = 0;
};

// Rises and goes on rising (analysis/trend.h); needs kLeastDumpsOfTrend dumps.
struct SeriesTrend {
  double per_dump = 0;
  std::optional<double> per_minute;  // where the times of all dumps are known and rise
};
inline constexpr size_t kLeastDumpsOfTrend = 6;

struct TaskSeries {
  Change change = Change::kSame;
  std::string program;
  std::string kind;   // thread, goroutine, fiber
  std::string state;  // blocked, running, runnable, finished
  std::string wait_reason;
  std::string waits_on;
  bool holds_locks = false;
  std::vector<std::string> functions;  // innermost first; of running ones: of their creation
  std::string place;                   // the same for people, with lines, in the last dump that has it
  std::vector<uint64_t> counts;        // one for each dump
  std::vector<std::optional<WaitTimes>> waits;
  std::optional<SeriesTrend> trend;
};

struct FindingSeries {
  Change change = Change::kSame;
  std::string id, signature, program;
  std::string title, place;  // in the last dump that has it
  Confidence confidence = Confidence::kProved;
  std::vector<uint64_t> counts;
  std::optional<SeriesTrend> trend;
  bool excused = false;  // by the project's policy, in the last dump that has it
};

// What there is to say of a dump as a whole.
struct DumpPoint {
  std::string path;
  std::vector<std::string> programs;
  std::optional<uint64_t> time_ns;  // of its last snapshot, since 1970
  uint64_t tasks = 0;
  uint64_t findings = 0;
  bool incomplete = false;
};

// Series in the order of importance: what is new, then grown, shrunk, gone; larger changes first.
struct DumpDiff {
  std::vector<DumpPoint> dumps;
  std::vector<TaskSeries> tasks;
  std::vector<FindingSeries> findings;
};

// Of at least one dump. Suppressed findings are left out.
DumpDiff CompareDumps(const std::vector<JudgedDump>& dumps);

// For people, 80 columns. Ends with a newline.
std::string DiffText(const DumpDiff& diff, const ReportOptions& options);

// Schema "stray.diff/1" (docs/diff.schema.json). Ends with a newline.
std::string DiffJson(const DumpDiff& diff);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_DUMP_DIFF_H_
