// SPDX-License-Identifier: Apache-2.0
// cmd_baseline.cc: `stray baseline`: the file of findings that a project knows of already.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/suggest.h"
#include "analyzer/cli/today.h"
#include "analyzer/load/output_file.h"
#include "analyzer/report/baseline.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  stray run --output dumps -- ./my_tests              find out what there is
  stray baseline update my.baseline dumps/*.stray     this is known from now on
  stray run --baseline my.baseline -- ./my_tests      fail on anything else
  stray baseline show my.baseline                     what is known, and why
  stray baseline update --keep my.baseline more/*     add; take nothing out

An update adds what is new, takes out what did not occur in these dumps of the
same programs (unless --keep), and keeps titles, dates and reasons of the rest.
Reasons can be written into the file by hand. docs/POLICY.md has the format.

Exit status: 0 done, 2 wrong usage or no baseline, 3 unreadable.)";

constexpr int kUnreadable = 3;
constexpr mode_t kFileMode = 0644;  // it is a project's file, not a dump

bool Exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  OutputFile file(path);
  if (absl::Status opened = file.Open(); !opened.ok()) return opened;
  if (absl::Status added = file.Append(text); !added.ok()) return added;
  if (absl::Status done = file.Commit(); !done.ok()) return done;
  const mode_t mask = umask(0);
  umask(mask);
  chmod(path.c_str(), kFileMode & ~mask);  // where that fails it stays its owner's
  return absl::OkStatus();
}

// "+ leak.blocked  shop: 2 threads blocked for ever in sem_wait"
std::string ChangeLine(char sign, const BaselineEntry& entry) {
  return absl::StrCat("  ", std::string(1, sign), " ", std::string(IdOfSignature(entry.signature)), "  ",
                      entry.program.empty() ? "" : absl::StrCat(entry.program, ": "), entry.title, "\n");
}

void ShowEntry(Page& page, const BaselineEntry& entry) {
  page.Blank();
  page.Line(0,
            absl::StrCat(std::string(IdOfSignature(entry.signature)), "  in ",
                         entry.program.empty() ? "a program that is not known" : Printable(entry.program),
                         ", since ", DateText(entry.added)),
            Tone::kStrong);
  if (entry.findings > 1) page.Line(3, absl::StrCat(entry.findings, " findings like this"));
  if (!entry.title.empty()) page.Paragraph(3, entry.title);
  page.Paragraph(3, {"reason     "}, entry.reason.empty() ? "none was given" : entry.reason);
  for (const std::string& site : entry.sites) page.Paragraph(3, {"where      "}, site);
  page.Line(3, absl::StrCat("signature  ", entry.signature));
}

// CLI11 has one usage for both.
class BaselineHelp : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: stray baseline update [OPTIONS] FILE DUMP...\n       stray baseline show FILE\n";
  }
};

class BaselineCommand : public Command {
 public:
  const char* Name() const override { return "baseline"; }
  const char* Description() const override { return "Keep the findings that are known in a file"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.formatter(std::make_shared<BaselineHelp>());
    app.add_option("action", action_, "update or show")
        ->required()
        ->check(OneOf({"update", "show"}))
        ->type_name("ACTION");
    app.add_option("file", file_, "The baseline")->required()->type_name("FILE");
    app.add_option("dump", dumps_, "Of update: dumps, or logs of race detectors")->type_name("DUMP");
    app.add_flag("--keep", keep_, "Of update: take nothing out");
    app.add_option("--reason", reason_, "Of update: why what is added is accepted")->type_name("TEXT");
    AddFindingOptions(app, judge_);
  }

  int Run() override {
    if (action_ == "show") {
      if (!dumps_.empty()) return Fail(UsageStatus(), "baseline show: takes one file, and no dumps");
      return Show();
    }
    if (dumps_.empty())
      return Fail(UsageStatus(), absl::StrCat("baseline update: name dumps, as in `stray baseline update ",
                                              file_, " app.4711.stray`"));
    return Update();
  }

 private:
  absl::StatusOr<Baseline> Read() const {
    absl::StatusOr<std::string> text = ReadPolicyFile("baseline", file_);
    return text.ok() ? Baseline::Parse(*text, file_) : text.status();
  }

  int Show() const {
    const absl::StatusOr<Baseline> baseline = Read();
    if (!baseline.ok()) return Fail(UsageStatus(), baseline.status().message());
    Page page(80, false);
    page.Paragraph(
        0, absl::StrCat(file_, ": ", Counted(baseline->entries().size(), "known finding"),
                        baseline->programs().empty() ? "" : " of ", absl::StrJoin(baseline->programs(), ", ")));
    for (const BaselineEntry& entry : baseline->entries()) ShowEntry(page, entry);
    std::cout << page.Take() << std::flush;
    return std::cout ? 0 : Fail(kUnreadable, "cannot write");
  }

  int Update() {
    absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    absl::StatusOr<Baseline> baseline = Exists(file_) ? Read() : Baseline(file_);
    if (!baseline.ok()) return Fail(UsageStatus(), baseline.status().message());
    absl::StatusOr<Model> model = LoadFiles(dumps_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    Explain(*model);
    Verdict verdict = Judge(*model, judge_, *policy);
    // What a rule covers has its reason there.
    verdict.findings.erase(std::remove_if(verdict.findings.begin(), verdict.findings.end(), IsExcused),
                           verdict.findings.end());
    const BaselineChange change =
        baseline->Update(*model, verdict.findings, keep_ || verdict.incomplete, Today(), reason_);
    if (absl::Status written = WriteFile(file_, baseline->Text()); !written.ok())
      return Fail(kUnreadable, absl::StrCat("baseline: ", std::string(written.message())));
    Tell(*baseline, change, verdict.incomplete && !keep_);
    return 0;
  }

  void Tell(const Baseline& baseline, const BaselineChange& change, bool incomplete) const {
    std::string text = absl::StrCat(file_, ": ", Counted(baseline.entries().size(), "known finding"), ": ",
                                    change.added.size(), " added, ", change.removed.size(), " taken out, ",
                                    change.kept, " as before\n");
    for (const BaselineEntry& entry : change.added) absl::StrAppend(&text, ChangeLine('+', entry));
    for (const BaselineEntry& entry : change.removed) absl::StrAppend(&text, ChangeLine('-', entry));
    if (incomplete)
      absl::StrAppend(&text, "  data is incomplete (`stray report` says why): nothing was taken out\n");
    std::cout << text << std::flush;
  }

  std::string action_;
  std::string file_;
  std::vector<std::string> dumps_;
  bool keep_ = false;
  std::string reason_;
  JudgeSettings judge_;
};

}  // namespace

std::unique_ptr<Command> MakeBaselineCommand() { return std::make_unique<BaselineCommand>(); }

}  // namespace stray::analyzer
