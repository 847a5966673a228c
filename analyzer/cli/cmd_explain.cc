// SPDX-License-Identifier: Apache-2.0
// cmd_explain.cc: `stray explain`: the evidence for one finding, step by step.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/proof.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/finding_choice.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/load/load.h"
#include "analyzer/report/proof_report.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(FINDING is one of:
  2                 the number in the text report of the same dumps
  leak.blocked      an id that only one finding has
  leak.blocked:2    the second finding of that id
  leak.blocked-...  the signature of the JSON report, the same from run to run

Examples:
  stray explain app.4711.stray 1                        why is that a deadlock?
  stray explain app.4711.stray deadlock.cycle
  stray explain --format dot app.4711.stray 1 | dot -Tsvg > why.svg

Exit status: 0 explained, 2 wrong usage or no such finding, 3 unreadable.)";

constexpr int kUnreadable = 3;

class ExplainCommand : public Command {
 public:
  const char* Name() const override { return "explain"; }
  const char* Description() const override { return "Walk through the evidence for a finding, step by step"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("dump", words_, "Dumps or logs, as for `stray report`, and the finding")
        ->required()
        ->type_name("DUMP... FINDING");
    AddOutputOptions(app, output_, {"text", "dot", "json"});
    AddRuleOptions(app, judge_);
  }

  int Run() override {
    if (words_.size() < 2) {
      return Fail(UsageStatus(), absl::StrCat("explain: name a finding of ", words_[0],
                                              ", as in `stray explain ", words_[0], " 1`"));
    }
    const std::string name = words_.back();
    words_.pop_back();
    absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    absl::StatusOr<Model> model = LoadFiles(words_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    Explain(*model);
    const Verdict verdict = Judge(*model, judge_, *policy);
    const absl::StatusOr<NumberedFinding> finding = ChooseFinding(verdict.findings, name);
    if (!finding.ok()) return Fail(UsageStatus(), finding.status().message());
    absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 1);
    if (!sink.ok()) return Fail(UsageStatus(), sink.status().message());
    const absl::Status written = sink->Write(Render(*finding, sink->use_color()));
    return written.ok() ? 0 : Fail(kUnreadable, written.message());
  }

 private:
  std::string Render(const NumberedFinding& finding, bool use_color) const {
    const Proof proof = Prove(*finding.finding, {.default_ignores = judge_.default_ignores});
    if (output_.format == "dot") return ProofDot(finding, proof);
    if (output_.format == "json") return ProofJson(finding, proof);
    ReportOptions options;
    options.color = use_color;
    return ProofText(finding, proof, options);
  }

  std::vector<std::string> words_;  // the last one is the finding
  OutputSettings output_;
  JudgeSettings judge_;
};

}  // namespace

std::unique_ptr<Command> MakeExplainCommand() { return std::make_unique<ExplainCommand>(); }

}  // namespace stray::analyzer
