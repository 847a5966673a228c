// SPDX-License-Identifier: Apache-2.0
// cmd_serve.cc: `stray serve PID`: what a running process does, over HTTP, as net/http/pprof of Go serves it.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/find_box.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/serve/serving.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples =
    R"(The process must have been started under stray. `stray run --http ADDR` serves from the start, and children, too.

Examples:
  stray serve 4711                        at http://127.0.0.1:6060/debug/pprof/
  go tool pprof http://127.0.0.1:6060/debug/pprof/goroutine
  curl 'http://127.0.0.1:6060/debug/pprof/goroutine?debug=2'
  curl http://127.0.0.1:6060/metrics      for Prometheus
  stray serve --http unix:/run/app.sock 4711
  stray serve --http 0.0.0.0:6060 4711    everybody with the token it prints

Serves until Ctrl-C, or until the process ends.
Exit status: 0 all went well, 2 wrong usage, 3 there is no such process, or it is not under stray.)";

constexpr int kUnreadable = 3;
constexpr uint16_t kDefaultPort = 6060;

class ServeCommand : public Command {
 public:
  const char* Name() const override { return "serve"; }
  const char* Description() const override { return "Serve what a running process does over HTTP"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("pid", pid_, "The process")->required()->check(CLI::PositiveNumber)->type_name("PID");
    AddHttpOptions(app, http_);
    AddFindingOptions(app, judge_);
  }

  int Run() override {
    const absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    const absl::StatusOr<BoxView> box = FindBox(pid_);
    if (!box.ok()) return Fail(kUnreadable, box.status().message());
    if (!http_.address.has_value())
      http_.address = ListenAddress{.host = "127.0.0.1", .port = kDefaultPort, .unix_path = ""};
    absl::StatusOr<Serving> serving = Serving::Open(http_, judge_, *policy);
    if (!serving.ok()) return Fail(UsageStatus(), serving.status().message());
    absl::StatusOr<Signals> signals = Signals::Take();
    if (!signals.ok()) return Fail(kUnreadable, signals.status().message());
    std::fprintf(stderr, "stray: process %d is at %s\n", pid_, serving->Url().c_str());
    const auto find = [this] {
      std::vector<BoxView> boxes;
      // After an exec the process has another one.
      if (absl::StatusOr<BoxView> now = FindBox(pid_); now.ok()) boxes.push_back(*std::move(now));
      return boxes;
    };
    const auto has_ended = [&] { return box->HasEnded() && find().empty(); };
    const absl::Status status = serving->Run(find, pid_, &*signals, has_ended);
    if (!status.ok()) return Fail(kUnreadable, status.message());
    if (has_ended()) std::fprintf(stderr, "stray: process %d has ended\n", pid_);
    return 0;
  }

 private:
  pid_t pid_ = 0;
  HttpSettings http_;
  JudgeSettings judge_;
};

}  // namespace

std::unique_ptr<Command> MakeServeCommand() { return std::make_unique<ServeCommand>(); }

}  // namespace stray::analyzer
