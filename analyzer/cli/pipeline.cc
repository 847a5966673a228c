// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pipeline.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/refine.h"
#include "analyzer/cli/html_report.h"
#include "analyzer/cli/reading_progress.h"
#include "analyzer/cli/report_formats.h"
#include "analyzer/load/load.h"
#include "analyzer/load/trace_timeline.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/task_profile.h"

namespace stray::analyzer {

namespace {

void ExplainProcess(ProcessModel& process) {
  Symbolize(process);
  RefineWaitReasons(process);
}

void AddTimelines(Model& model, const TimelineLimits& limits) {
  std::vector<std::string> damage;
  for (const std::unique_ptr<ProcessModel>& process : model.processes) AddTimeline(*process, limits, damage);
  // Who has looked at the trace before has told the same.
  for (std::string& text : damage) {
    if (std::find(model.damage.begin(), model.damage.end(), text) == model.damage.end())
      model.damage.push_back(std::move(text));
  }
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

// Where the sources are that annotations are shown beside: the checkout of the job, else where we were started.
std::string SourceRoot() {
  const char* workspace = getenv("GITHUB_WORKSPACE");
  if (workspace != nullptr && *workspace == '/') return workspace;
  char* const folder = get_current_dir_name();
  std::string root = folder == nullptr ? "" : folder;
  free(folder);
  return root;
}

TaskProfile ProfileOf(const Model& model, const Verdict& verdict, const OutputSettings& settings) {
  ProfileOptions options;
  options.kind = ProfileOfName(settings.profile).value_or(ProfileKind::kGoroutine);
  options.labels = settings.labels == "on";
  options.per_task = settings.per_task;
  return MakeTaskProfile(model, verdict.findings, options);
}

// What a list of the tasks of `model` lacks.
std::vector<std::string> MissingFromList(const Model& model) {
  std::vector<std::string> missing;
  for (const DataRemark& remark : DataRemarks(model)) {
    if (remark.incomplete) missing.push_back(absl::StrCat("data is incomplete: ", remark.text));
  }
  for (const std::unique_ptr<ProcessModel>& process : model.processes) {
    // One that has become another program has no end to look at.
    if (SnapshotToJudge(*process) != nullptr || process->process.state() == "exec") continue;
    missing.push_back(
        absl::StrCat("there is no snapshot of ", ProcessName(*process), ": its tasks are not listed"));
  }
  return missing;
}

absl::Status AppendTo(const char* path, absl::string_view text) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const ssize_t written = fd < 0 ? -1 : write(fd, text.data(), text.size());
  const int error = errno;
  if (fd >= 0) close(fd);
  if (written == static_cast<ssize_t>(text.size())) return absl::OkStatus();
  return absl::ErrnoToStatus(written < 0 ? error : ENOSPC,
                             absl::StrCat("GITHUB_STEP_SUMMARY: cannot write ", path));
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

void AddTimelinesForPage(Model& model) { AddTimelines(model, {.spans = 400'000, .arrows = 100'000}); }

void AddTimelinesFor(absl::string_view format, Model& model) {
  if (!FormatOf(format).shows_time) return;
  const bool is_page = FormatOf(format).page;  // one file, that is to stay small
  AddTimelines(model, is_page ? TimelineLimits{.spans = 60'000, .arrows = 20'000} : TimelineLimits());
}

void Explain(Model& model) {
  for (const std::unique_ptr<ProcessModel>& process : model.processes) ExplainProcess(*process);
}

void Explain(Model& model, Symbolizer& symbolizer) {
  for (const std::unique_ptr<ProcessModel>& process : model.processes) {
    symbolizer.Symbolize(*process);
    RefineWaitReasons(*process);
  }
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
  return ended_well && process.profile_sites.empty() && !process.timeline.has_value() &&
         std::none_of(raw_findings.begin(), raw_findings.end(),
                      [&](const Finding& finding) { return finding.process == &process; });
}

Verdict Judge(const Model& model, const JudgeSettings& settings, Policy& policy) {
  Verdict verdict;
  verdict.options.default_ignores = settings.default_ignores;
  verdict.fail_on = settings.fail_on;
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
  options.fails = [&](const Finding& finding) { return verdict.fail_on.Matches(finding); };
  if (options.source_root.empty()) options.source_root = SourceRoot();
  const std::string& format = settings.format;
  if (format == "json") return JsonReport(model, verdict.findings, options);
  if (format == "html") return HtmlReport(model, verdict.findings, options);
  if (format == "dot") return DotReport(verdict.findings, verdict.options);
  if (format == "junit") return JunitReport(model, verdict.findings, options);
  if (format == "sarif") return SarifReport(model, verdict.findings, options);
  if (format == "github") return GithubReport(model, verdict.findings, options);
  if (format == "markdown") return MarkdownReport(model, verdict.findings, options);
  if (format == "perfetto") return TraceEventsReport(model);
  if (format == "pprof") return PprofProfile(ProfileOf(model, verdict, settings));
  if (format == "folded") return FoldedText(ProfileOf(model, verdict, settings));
  if (format == "goroutine") return GoroutineText(model, verdict.findings, settings.labels == "on");
  if (format == "goroutine-debug1") return ProfileText(ProfileOf(model, verdict, settings));
  const std::string waits = EndedWaitsOverview(model, options);
  return absl::StrCat(TextReport(model, verdict.findings, options), waits.empty() ? "" : "\n", waits);
}

std::string RenderFiles(const Model& model, const Verdict& verdict, const OutputSettings& settings,
                        const Policy& policy, ReportOptions options) {
  const std::string report = Render(model, verdict, settings, policy, options);
  if (settings.format != "text") return report;
  const std::string overview = ListingOverview(model, options);
  return absl::StrCat(report, overview.empty() ? "" : "\n", overview);
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

absl::Status TellBesides(const Model& model, const Verdict& verdict, const OutputSettings& settings) {
  if (FormatOf(settings.format).lists_tasks) {
    for (const std::string& text : MissingFromList(model))
      std::fputs(absl::StrCat("stray: ", Printable(text), "\n").c_str(), stderr);
  }
  const char* summary = getenv("GITHUB_STEP_SUMMARY");
  if (settings.format != "github" || summary == nullptr || *summary == '\0') return absl::OkStatus();
  OutputSettings markdown = settings;
  markdown.format = "markdown";
  return AppendTo(summary, Render(model, verdict, markdown, Policy(), {}));
}

}  // namespace stray::analyzer
