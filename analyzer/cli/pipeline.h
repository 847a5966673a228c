// SPDX-License-Identifier: Apache-2.0
// pipeline.h: from records to a report, as all subcommands do it.
//
//   Model --Explain--> names and lines, refined wait reasons --Judge--> Verdict --Render--> one of
//   report_formats.h
#ifndef STRAY_ANALYZER_CLI_PIPELINE_H_
#define STRAY_ANALYZER_CLI_PIPELINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/load/symbolize.h"
#include "analyzer/model/model.h"
#include "analyzer/report/policy.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// Loads all of `paths` into one model. Fails if any of them has nothing readable in it.
// On a terminal, standard error tells how far it has come where that takes long.
absl::StatusOr<Model> LoadFiles(const std::vector<std::string>& paths);

// Works out what tasks did when, of processes with a trace, as far as it can be shown: in a page that is
// served, or in a report of this format. Before Explain().
void AddTimelinesForPage(Model& model);
void AddTimelinesFor(absl::string_view format, Model& model);

// Makes a Model readable: symbolizes it and names its waits by their frames.
void Explain(Model& model);
// The same with a symbolizer that keeps files, for who explains one model after the other.
void Explain(Model& model, Symbolizer& symbolizer);

// The same for processes of which a report can have something to say; the others (a shell's hundred short
// commands) it only counts, and names cost more than all the rest.
void ExplainEventful(Model& model);

// True if `process` has ended and nothing about it is worth keeping but that it was there. Needs no names:
// names can take a finding away (an ignored thread), never add one.
bool IsUneventful(const ProcessModel& process, const std::vector<Finding>& raw_findings);

struct Verdict {
  AnalysisOptions options;  // that they were found with
  FailOn fail_on;
  std::vector<Finding> findings;
  size_t failing = 0;       // those that --fail-on selects and the policy does not excuse
  bool incomplete = false;  // so that no findings would not mean "clean"
};

// Analyzes an explained model. Rules of `policy` that matched count as used.
Verdict Judge(const Model& model, const JudgeSettings& settings, Policy& policy);

// The report in the format that `settings` ask for, with notes about rules of `policy` that were not needed.
// Not of a model that CheckTasksKnown() (report_formats.h) refuses.
std::string Render(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                   const Policy& policy, ReportOptions options);

// The same, and for text what is listed of tasks in texts of elsewhere.
std::string RenderFiles(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                        const Policy& policy, ReportOptions options);

// The same for a moment in the life of a process: text is followed by what all tasks do, unless the findings
// have said it of all of them.
std::string RenderMoment(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                         const Policy& policy, ReportOptions options);

// What a report in this format says to others than its reader, once it is written: on standard error what a
// list of tasks has no room for (data that is missing), and, of the format github, the summary of the job,
// appended to the file that GITHUB_STEP_SUMMARY names.
absl::Status TellBesides(const Model& model, const Verdict& verdict, const OutputSettings& settings);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_PIPELINE_H_
