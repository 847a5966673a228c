// SPDX-License-Identifier: Apache-2.0
// cmd_diff.cc: `stray diff`: what has changed from dump to dump.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/html_report.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/report/dump_diff.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  stray diff old.stray new.stray           new, grown, shrunk, gone
  stray diff 1.stray 2.stray 3.stray ...   a series; of six and more also what
                                           goes on growing
  stray diff --format json old.stray new.stray
  stray diff --format html -o diff.html old.stray new.stray   the page of the new
                                           one, with what has changed
  stray diff --fail-on 'leak.*' old.stray new.stray

Tasks are grouped by how they wait and by the functions they stand in, findings
by their signatures: also dumps of different builds of a program can be compared.
New is what the last dump has and the first has not.

Exit status: 0 no new findings, 1 new findings (that --fail-on selects), 2 wrong
usage, 3 unreadable, 4 no new findings, but data is incomplete.)";

constexpr int kNewFindings = 1;
constexpr int kUnreadable = 3;
constexpr int kIncomplete = 4;

class DiffCommand : public Command {
 public:
  const char* Name() const override { return "diff"; }
  const char* Description() const override { return "Compare dumps: tasks and findings that are new or gone"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("dump", paths_, "Two dumps or more, oldest first")->required()->type_name("DUMP");
    AddOutputOptions(app, output_, {"text", "json", "html"});
    AddJudgeOptions(app, judge_);
  }

  int Run() override {
    if (paths_.size() < 2)
      return Fail(UsageStatus(), "diff: name two dumps or more, as in `stray diff old.stray new.stray`");
    absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    std::vector<Model> models;
    for (const std::string& path : paths_) {
      absl::StatusOr<Model> model = LoadFiles({path});
      if (!model.ok()) return Fail(kUnreadable, model.status().message());
      if (absl::Status fits = policy->CheckPrograms(*model); !fits.ok())
        return Fail(UsageStatus(), fits.message());
      Explain(*model);
      models.push_back(*std::move(model));
    }
    absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 1);
    if (!sink.ok()) return Fail(UsageStatus(), sink.status().message());
    std::vector<JudgedDump> dumps;
    for (size_t i = 0; i < models.size(); ++i) {
      Verdict verdict = Judge(models[i], judge_, *policy);
      dumps.push_back({paths_[i], &models[i], std::move(verdict.findings), verdict.incomplete});
    }
    const DumpDiff diff = CompareDumps(dumps);
    ReportOptions options;
    options.color = sink->use_color();
    const absl::Status written = sink->Write(Rendered(diff, dumps.back(), options));
    if (!written.ok()) return Fail(kUnreadable, written.message());
    return Status(diff);
  }

 private:
  std::string Rendered(const DumpDiff& diff, const JudgedDump& last, ReportOptions& options) const {
    if (output_.format == "json") return DiffJson(diff);
    if (output_.format == "text") return DiffText(diff, options);
    options.read_paths = {last.path};
    return HtmlReport(*last.model, last.findings, options, &diff);
  }

  int Status(const DumpDiff& diff) const {
    const bool fails =
        std::any_of(diff.findings.begin(), diff.findings.end(), [this](const FindingSeries& series) {
          Finding finding;
          finding.id = series.id;
          finding.confidence = series.confidence;
          return series.change == Change::kNew && !series.excused && judge_.fail_on.Selects(finding);
        });
    if (fails) return kNewFindings;
    const bool incomplete = std::any_of(diff.dumps.begin(), diff.dumps.end(),
                                        [](const DumpPoint& dump) { return dump.incomplete; });
    return incomplete ? kIncomplete : 0;
  }

  std::vector<std::string> paths_;
  OutputSettings output_;
  JudgeSettings judge_;
};

}  // namespace

std::unique_ptr<Command> MakeDiffCommand() { return std::make_unique<DiffCommand>(); }

}  // namespace stray::analyzer
