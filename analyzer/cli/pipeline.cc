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
    absl::StatusOr<Model> model = LoadFile(path);
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

Verdict Judge(const Model& model, const JudgeSettings& settings, Policy& policy) {
  Verdict verdict;
  verdict.options.default_ignores = settings.default_ignores;
  verdict.findings = Analyze(model, verdict.options);
  policy.Apply(verdict.findings);
  verdict.failing = settings.fail_on.Count(verdict.findings);
  verdict.incomplete = IsIncomplete(model);
  return verdict;
}

std::string Render(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                   const Policy& policy, ReportOptions options) {
  const std::vector<std::string> notes = policy.Notes(model);
  options.notes.insert(options.notes.end(), notes.begin(), notes.end());
  if (settings.format == "json") return JsonReport(model, verdict.findings, options);
  if (settings.format == "dot") return DotReport(verdict.findings, verdict.options);
  return TextReport(model, verdict.findings, options);
}

std::string RenderMoment(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                         const Policy& policy, ReportOptions options) {
  const std::string report = Render(model, verdict, settings, policy, options);
  const bool told = std::all_of(
      model.processes.begin(), model.processes.end(),
      [&](const std::unique_ptr<ProcessModel>& process) { return HaveAllTasks(verdict.findings, *process); });
  if (settings.format != "text" || told) return report;
  return absl::StrCat(report, "\n", TaskOverview(model, options));
}

}  // namespace stray::analyzer
