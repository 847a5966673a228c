// SPDX-License-Identifier: Apache-2.0
// report.h: findings out, for people and for programs.
#ifndef STRAY_ANALYZER_REPORT_REPORT_H_
#define STRAY_ANALYZER_REPORT_REPORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Why a watch reports: all findings of the report are new, or each has become twice as many.
struct WatchEvent {
  std::string kind;          // "new" or "more"
  uint64_t told_before = 0;  // of "more": the count when it was told last
  uint64_t count = 0;        // of all findings with that signature
  uint64_t time_ns = 0;      // of the snapshot, CLOCK_MONOTONIC
};

struct ReportOptions {
  bool color = false;
  bool source_lines = true;  // show the line of the top user frame where the source is there
  size_t width = 80;
  std::vector<std::string> dump_paths;  // named in the last line, as what to open next
  std::vector<std::string>
      read_paths;                   // what was read to make the report: named in the last line, for `explain`
  std::vector<std::string> notes;   // more to say above the findings: suppressions nobody needed, ...
  bool one_line = false;            // JSON on one line, as one of several
  std::optional<WatchEvent> event;  // what a watch has found, if that is what is reported
  std::string source_root;          // files below it are named relative to it, where a format wants that
  std::function<bool(const Finding&)>
      fails;  // what makes the run fail; null: every finding that is not suppressed
};

// What was found where, in one sentence: "2 findings in cart_test (pid 4711): 1 deadlock, 1 leak."
std::string Headline(const Model& model, const std::vector<Finding>& findings);

// The report people read: 80 columns, most important finding first. Ends with a newline.
std::string TextReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options);

// The findings that it shows, in its order: the first has number 1.
std::vector<const Finding*> InReportOrder(const std::vector<Finding>& findings);

// One finding of it, as it stands there, without a number.
std::string FindingReport(const Finding& finding, const ReportOptions& options);

// Schema "stray.report/1" (DESIGN, docs/FORMAT.md). Ends with a newline.
std::string JsonReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options);

// JUnit XML, as test runners write it: a suite for each process, a failed case for each finding, or, where its
// tasks are of tests, one for each test, with its name. A process without findings has one case that passes;
// missing data is an error.
std::string JunitReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options);

// SARIF 2.1.0, for code scanning.
std::string SarifReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options);

// Workflow commands of GitHub Actions: an annotation for each finding, an error where it fails the run.
std::string GithubReport(const Model& model, const std::vector<Finding>& findings,
                         const ReportOptions& options);

// For a job summary or a comment on a pull request: short enough for both (65,000 bytes).
std::string MarkdownReport(const Model& model, const std::vector<Finding>& findings,
                           const ReportOptions& options);

// All findings as one graph in graphviz's language, a cluster for each: who waits for what, held by whom.
std::string DotReport(const std::vector<Finding>& findings, const AnalysisOptions& options);

// What each task was doing when, of the processes that have a timeline, in the Trace Event Format: for
// ui.perfetto.dev and chrome://tracing.
std::string TraceEventsReport(const Model& model);

// All tasks of the newest snapshot of each process, grouped by stack as pprof groups goroutines: what
// `stray snapshot` shows below the findings, and what hang.timeout quotes.
std::string TaskOverview(const Model& model, const ReportOptions& options);

// The same, with labels and creators, of those processes that texts list the tasks of, and what profiles count:
// what `stray report` shows of such a text. "": there is none.
std::string ListingOverview(const Model& model, const ReportOptions& options);

// Where tasks have waited, as far as the agent was asked to count waits that end. "": none was counted.
std::string EndedWaitsOverview(const Model& model, const ReportOptions& options);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_REPORT_H_
