// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pipeline.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/refine.h"
#include "analyzer/cli/reading_progress.h"
#include "analyzer/load/load.h"
#include "analyzer/load/symbolize.h"

namespace stray::analyzer {

namespace {

void ExplainProcess(ProcessModel& process) {
  Symbolize(process);
  RefineWaitReasons(process);
}

bool HaveAllTasks(const std::vector<Finding>& findings, const ProcessModel& process) {
  absl::flat_hash_set<uint32_t> told;
  for (const Finding& finding : findings) {
    if (finding.process != &process) continue;
    for (const std::vector<TaskGroup>* groups : {&finding.groups, &finding.consequences}) {
      for (uint32_t task : TaskIds(*groups)) told.insert(task);
    }
  }
  const SnapshotModel* last = process.LastSnapshot();
  return last != nullptr &&
         std::all_of(last->tasks.begin(), last->tasks.end(),
                     [&](const wire::TaskState& state) { return told.contains(state.task()); });
}

}  // namespace

absl::StatusOr<Model> LoadFiles(const std::vector<std::string>& paths) {
  Model all;
  for (const std::string& path : paths) {
    ReadingProgress progress(path);
    absl::StatusOr<Model> model =
        LoadFile(path, [&progress](uint64_t done, uint64_t size) { progress.Tell(done, size); });
    if (!model.ok()) return model.status();
    all.Append(*std::move(model));
  }
  return all;
}

void Explain(Model& model) {
  for (const std::unique_ptr<ProcessModel>& process : model.processes) ExplainProcess(*process);
}

void ExplainEventful(Model& model) {
  const std::vector<Finding> raw = Analyze(model, {.default_ignores = false});
  for (const std::unique_ptr<ProcessModel>& process : model.processes) {
    if (!IsUneventful(*process, raw)) ExplainProcess(*process);
  }
}

bool IsUneventful(const ProcessModel& process, const std::vector<Finding>& raw_findings) {
  const SnapshotModel* last = process.LastSnapshot();
  const bool ended_well =
      last != nullptr && (last->info.reason() == "exit" || last->info.reason() == "quick_exit");
  return ended_well && std::none_of(raw_findings.begin(), raw_findings.end(),
                                    [&](const Finding& finding) { return finding.process == &process; });
}

Verdict Judge(const Model& model, const JudgeSettings& settings, Suppressions& rules) {
  Verdict verdict;
  verdict.options.default_ignores = settings.default_ignores;
  verdict.findings = Analyze(model, verdict.options);
  rules.Apply(verdict.findings);
  verdict.failing = settings.fail_on.Count(verdict.findings);
  verdict.incomplete = IsIncomplete(model);
  return verdict;
}

std::string Render(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                   const Suppressions& rules, ReportOptions options) {
  const std::vector<std::string> unused = rules.Unused();
  options.notes.insert(options.notes.end(), unused.begin(), unused.end());
  if (settings.format == "json") return JsonReport(model, verdict.findings, options);
  if (settings.format == "dot") return DotReport(verdict.findings, verdict.options);
  return TextReport(model, verdict.findings, options);
}

std::string RenderFiles(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                        const Suppressions& rules, ReportOptions options) {
  const std::string report = Render(model, verdict, settings, rules, options);
  if (settings.format != "text") return report;
  const std::string overview = ListingOverview(model, options);
  return absl::StrCat(report, overview.empty() ? "" : "\n", overview);
}

std::string RenderMoment(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                         const Suppressions& rules, ReportOptions options) {
  const std::string report = Render(model, verdict, settings, rules, options);
  const bool told = std::all_of(
      model.processes.begin(), model.processes.end(),
      [&](const std::unique_ptr<ProcessModel>& process) { return HaveAllTasks(verdict.findings, *process); });
  if (settings.format != "text" || told) return report;
  return absl::StrCat(report, "\n", TaskOverview(model, options));
}

}  // namespace stray::analyzer
