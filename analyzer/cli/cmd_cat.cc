// SPDX-License-Identifier: Apache-2.0
// cmd_cat.cc: `stray cat`: a dump as text, and text as a dump. What can be printed can be reviewed and diffed.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/load/load.h"
#include "analyzer/load/write_trace.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  stray cat app.4711.stray                       all records as text
  stray cat app.4711.stray | grep -c task_state  count something in them
  stray cat --trace app.4711.stray               what its tasks did, an event a line
  stray cat --from-text app.txt -o app.stray     make a dump from text, without loss)";

constexpr int kUnreadable = 3;
constexpr int kIncomplete = 4;  // printed what is whole

class CatCommand : public Command {
 public:
  const char* Name() const override { return "cat"; }
  const char* Description() const override { return "Print a dump as text, or make one from text"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    CLI::Option* dump = app.add_option("dump", dump_, "The dump (or black box) to print")->type_name("DUMP");
    CLI::Option* text = app.add_option("--from-text", text_, "Make a dump from this text")->type_name("FILE");
    CLI::Option* output = app.add_option("-o", output_, "Where to put the dump")->type_name("FILE");
    CLI::Option* trace =
        app.add_flag("--trace", prints_trace_, "Print the trace that it has, in the STD format");
    app.add_flag("--rapid", for_rapid_, "... in the words that RAPID knows, with the same happens-before")
        ->needs(trace);
    text->excludes(dump)->excludes(trace)->needs(output);
    output->needs(text);
  }

  int Run() override {
    if (!text_.empty()) return FromText();
    if (dump_.empty()) return Fail(UsageStatus(), "cat: name a dump, or --from-text FILE");
    absl::StatusOr<Model> model = LoadFile(dump_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    const absl::Status written =
        prints_trace_ ? WriteTrace(*model, for_rapid_, std::cout) : WriteText(*model, std::cout);
    std::cout.flush();
    if (!written.ok() || !std::cout)
      return Fail(kUnreadable, written.ok() ? "cannot write" : written.message());
    for (const std::string& damage : model->damage)
      Fail(kIncomplete, absl::StrCat("data is incomplete: ", damage));
    return model->damage.empty() ? 0 : kIncomplete;
  }

 private:
  int FromText() {
    std::ifstream file(text_, std::ios::binary);
    if (!file.is_open()) return Fail(kUnreadable, absl::StrCat("cannot read \"", text_, "\""));
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    absl::StatusOr<Model> model = ReadText(text, text_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    const absl::Status written = WriteDump(*model, output_);
    return written.ok() ? 0 : Fail(kUnreadable, written.message());
  }

  std::string dump_;
  std::string text_;
  std::string output_;
  bool prints_trace_ = false;
  bool for_rapid_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeCatCommand() { return std::make_unique<CatCommand>(); }

}  // namespace stray::analyzer
