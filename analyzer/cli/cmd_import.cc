// SPDX-License-Identifier: Apache-2.0
// cmd_import.cc: `stray import`: one dump of whatever can be read, to be kept, sent or compared.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  stray import goroutines.txt -o monday.stray        Go's goroutines, to compare with friday's
  stray import tsan.log.* -o races.stray             the logs of a run as one file
  stray import app.std -o trace.stray                what a trace shows
  curl -s HOST/debug/pprof/goroutine | stray import /dev/stdin -o app.stray
  stray import shop.12.stray shop.13.stray -o all.stray

Reads what `stray report` reads. Names that symbols on this machine tell are put in.

Exit status: 0 all was read, 2 wrong usage, 3 unreadable, or it cannot be written,
4 written, but something is missing.)";

constexpr int kUnreadable = 3;
constexpr int kIncomplete = 4;

class ImportCommand : public Command {
 public:
  const char* Name() const override { return "import"; }
  const char* Description() const override { return "Make one dump of logs, lists of tasks, traces or dumps"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("file", files_, "What `stray report` reads")->required()->type_name("FILE");
    app.add_option("-o", output_, "Where to put the dump")->required()->type_name("FILE");
  }

  int Run() override {
    absl::StatusOr<Model> model = LoadFiles(files_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    Explain(*model);
    if (const absl::Status written = WriteDump(*model, output_); !written.ok())
      return Fail(kUnreadable, written.message());
    for (const std::string& damage : model->damage)
      Fail(kIncomplete, absl::StrCat("data is incomplete: ", damage));
    return model->damage.empty() ? 0 : kIncomplete;
  }

 private:
  std::vector<std::string> files_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> MakeImportCommand() { return std::make_unique<ImportCommand>(); }

}  // namespace stray::analyzer
