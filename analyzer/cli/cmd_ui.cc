// SPDX-License-Identifier: Apache-2.0
// cmd_ui.cc: `stray ui`: a page to look around in, of dumps or of a process that runs.
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/html_report.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/find_box.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/serve/live_page.h"
#include "analyzer/cli/serve/page_server.h"
#include "analyzer/report/dump_diff.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  stray ui app.4711.stray                 findings, tasks, flame graph, wait-for graph
  stray ui --compare old.stray new.stray  the same of new.stray, with what has changed
  stray ui 4711                           a process that runs under stray, as it goes on
  stray ui --port 8080 --no-browser app.4711.stray

The page is served to this machine alone, at an address that works once and for one
browser. It serves until Ctrl-C, or until the process ends. `stray report --format html
-o FILE` writes the same page of dumps into a file, which needs no server.

Exit status: 0 all went well, 2 wrong usage, 3 unreadable, no such process, or it is
not under stray.)";

constexpr int kUnreadable = 3;

// The page of dumps, made once.
class FixedPage : public PageSource {
 public:
  explicit FixedPage(std::string page) : page_(std::move(page)) {}
  absl::StatusOr<std::string> Page() override { return page_; }

 private:
  std::string page_;
};

bool IsFile(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

// Opens `url` as a desktop does; in vain where there is none. In a session of its own: what Ctrl-C ends here is
// not the browser. Not once signals are taken over: it would never get them.
void OpenInBrowser(const std::string& url) {
  const char* const display = getenv("DISPLAY");
  const char* const wayland = getenv("WAYLAND_DISPLAY");
  const bool has_screen = (display != nullptr && *display != '\0') || (wayland != nullptr && *wayland != '\0');
  if (!has_screen || isatty(STDERR_FILENO) != 1) return;
  std::string program = "xdg-open", argument = url;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  posix_spawnp(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
}

class UiCommand : public Command {
 public:
  const char* Name() const override { return "ui"; }
  const char* Description() const override {
    return "Look around in dumps, or in a running process, in a browser";
  }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("what", what_, "Dumps, or logs and profiles of others; or a process")
        ->required()
        ->type_name("DUMP|PID");
    app.add_option("--compare", compare_, "Show what has changed since this dump")->type_name("DUMP");
    app.add_option("--port", port_, "Port to serve at (default: any that is free)")->type_name("PORT");
    app.add_flag("--no-browser", no_browser_, "Only print the address");
    app.add_flag("--prove", prove_, "Of a process: find out who can reach what, at each look");
    AddRuleOptions(app, judge_);
  }

  int Run() override {
    absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    pid_t pid = 0;
    const bool is_number = absl::SimpleAtoi(what_.front(), &pid) && pid > 0;
    if (what_.size() == 1 && is_number && !IsFile(what_.front())) return ShowProcess(pid, *std::move(policy));
    return ShowDumps(*policy);
  }

 private:
  int ShowDumps(Policy& policy) {
    if (prove_) return Fail(UsageStatus(), "ui: --prove is for a process that runs; a dump has what it has");
    absl::StatusOr<Model> model = Load(what_, policy);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    const Verdict verdict = Judge(*model, judge_, policy);
    ReportOptions options;
    options.read_paths = what_;
    options.notes = policy.Notes(*model);
    if (compare_.empty()) {
      FixedPage page(HtmlReport(*model, verdict.findings, options));
      return Serve(page, {});
    }
    absl::StatusOr<Model> earlier = Load({compare_}, policy);
    if (!earlier.ok()) return Fail(kUnreadable, earlier.status().message());
    Verdict before = Judge(*earlier, judge_, policy);
    const DumpDiff changes = CompareDumps({{compare_, &*earlier, before.findings, before.incomplete},
                                           {what_.front(), &*model, verdict.findings, verdict.incomplete}});
    FixedPage page(HtmlReport(*model, verdict.findings, options, &changes));
    return Serve(page, {});
  }

  absl::StatusOr<Model> Load(const std::vector<std::string>& paths, const Policy& policy) const {
    absl::StatusOr<Model> model = LoadFiles(paths);
    if (!model.ok()) return model;
    if (const absl::Status fits = policy.CheckPrograms(*model); !fits.ok()) return fits;
    AddTimelinesForPage(*model);
    Explain(*model);
    return model;
  }

  int ShowProcess(pid_t pid, Policy policy) {
    if (!compare_.empty())
      return Fail(UsageStatus(), "ui: --compare is for dumps; the page of a process marks what is new");
    const absl::StatusOr<BoxView> box = FindBox(pid);
    if (!box.ok()) return Fail(kUnreadable, box.status().message());
    const auto find = [pid] {
      std::vector<BoxView> boxes;
      // After an exec the process has another one.
      if (absl::StatusOr<BoxView> now = FindBox(pid); now.ok()) boxes.push_back(*std::move(now));
      return boxes;
    };
    LivePage page(find, pid, {judge_, std::move(policy), prove_});
    const int status = Serve(page, [&] { return box->HasEnded() && find().empty(); });
    if (box->HasEnded()) std::fprintf(stderr, "stray: process %d has ended\n", pid);
    return status;
  }

  int Serve(PageSource& source, const std::function<bool()>& is_over) {
    absl::StatusOr<PageServer> server = PageServer::Open(port_);
    if (!server.ok()) return Fail(UsageStatus(), server.status().message());
    std::fprintf(stderr, "stray: the page is at %s\n       for one browser, until Ctrl-C\n",
                 server->Url().c_str());
    if (!no_browser_) OpenInBrowser(server->Url());
    absl::StatusOr<Signals> signals = Signals::Take();
    if (!signals.ok()) return Fail(kUnreadable, signals.status().message());
    const absl::Status status = server->Run(source, *signals, is_over);
    return status.ok() ? 0 : Fail(kUnreadable, status.message());
  }

  std::vector<std::string> what_;
  std::string compare_;
  uint16_t port_ = 0;
  bool no_browser_ = false;
  bool prove_ = false;
  JudgeSettings judge_;
};

}  // namespace

std::unique_ptr<Command> MakeUiCommand() { return std::make_unique<UiCommand>(); }

}  // namespace stray::analyzer
