// SPDX-License-Identifier: Apache-2.0
// cmd_top.cc: `stray top`: a running process, or dumps, on a terminal.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/top/live_source.h"
#include "analyzer/cli/top/screen.h"
#include "analyzer/cli/top/top_view.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples =
    R"(Shows findings, groups of tasks, tasks and objects, with all there is to each; ? tells the keys.
A process must have been started under stray, and goes on meanwhile. Of dumps, and of what else
`stray report` reads, it shows what they hold.

Examples:
  stray top 4711                        a process, every 2 seconds
  stray top --interval 10s --prove 4711 and which tasks nobody can ever wake
  stray top app.4711.stray              a dump
  stray top --group reason goroutines.txt
  stray top --once 4711 | less          one page as text, as it is if standard output is no terminal

Exit status: 0 (with --once: nothing found), 1 --once has findings, 2 wrong usage, 3 no snapshot, or
unreadable, 4 --once has found nothing, but data is incomplete.)";

constexpr int kFindings = 1;
constexpr int kUnreadable = 3;
constexpr int kIncomplete = 4;
constexpr size_t kPageWidth = 80;
constexpr std::chrono::milliseconds kShortestInterval(100);

bool IsNumber(const std::string& text) { return std::all_of(text.begin(), text.end(), absl::ascii_isdigit); }

size_t WidthOfPage() {
  const char* columns = getenv("COLUMNS");
  size_t width = 0;
  return columns != nullptr && absl::SimpleAtoi(columns, &width) && width >= 40 && width <= 1000 ? width
                                                                                                 : kPageWidth;
}

class TopCommand : public Command {
 public:
  const char* Name() const override { return "top"; }
  const char* Description() const override { return "Look at a running process, or at dumps, on a terminal"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("what", words_, "A process, by its number, or dumps as for `stray report`")
        ->required()
        ->type_name("PID|DUMP");
    AddDuration(app, "--interval", live_.period, "Time between snapshots of a process (default: 2s)");
    app.add_flag("--prove", live_.proves,
                 "Prove leaks by what tasks can reach (started with: stray run --prove)");
    AddParsed<std::string>(app, "--group", "By what tasks are grouped at first (default: site)",
                           [this](const std::string& word) {
                             facet_ = FacetOfWord(word).value_or(Facet::kSite);
                             return absl::OkStatus();
                           })
        ->check(OneOf(FacetWords()))
        ->type_name("WHAT");
    app.add_flag("--once", once_, "Print one page as text, and end");
    AddJudgeOptions(app, live_.judge);
  }

  int Run() override {
    if (live_.period < kShortestInterval)
      return Fail(UsageStatus(), absl::StrCat("--interval: at least ", kShortestInterval.count(), "ms"));
    absl::StatusOr<Policy> policy = ReadPolicy(live_.judge);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    const bool is_process = words_.size() == 1 && IsNumber(words_[0]);
    if (is_process && (!absl::SimpleAtoi(words_[0], &live_.pid) || live_.pid == 0))
      return Fail(UsageStatus(),
                  absl::StrCat(words_[0], " is no number of a process; a file of that name is ./", words_[0]));
    return is_process ? WatchProcess(*policy) : ShowDumps(*policy);
  }

 private:
  int ShowDumps(Policy& policy) {
    if (const std::string pid = PidAmongDumps(); !pid.empty()) {
      return Fail(UsageStatus(), absl::StrCat(pid, " is a process, or a file to be called ./", pid,
                                              ": one process by itself, or files"));
    }
    absl::StatusOr<Model> model = LoadFiles(words_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    if (absl::Status fits = policy.CheckPrograms(*model); !fits.ok())
      return Fail(UsageStatus(), fits.message());
    Explain(*model);
    Verdict verdict = Judge(*model, live_.judge, policy);
    const std::shared_ptr<const Picture> picture = MakePicture(*std::move(model), std::move(verdict));
    SourceState source;
    source.name = Printable(absl::StrJoin(words_, " "));
    if (IsOnce()) return PrintPage(*picture, source);
    TopView view(facet_);
    view.SetSource(source);
    view.Show(picture);
    return Interact(view, nullptr);
  }

  int WatchProcess(Policy& policy) {
    absl::StatusOr<std::unique_ptr<LiveSource>> live = LiveSource::Open(live_, policy);
    if (!live.ok()) return Fail(kUnreadable, live.status().message());
    SourceState source;
    source.name = absl::StrCat("process ", live_.pid);
    source.is_live = true;
    source.period = DurationText(static_cast<uint64_t>(live_.period.count()));
    if (IsOnce()) {
      const std::optional<LiveSource::Look> look = (*live)->Take();
      Tell(*look, source);
      return PrintPage(*look->picture, source);
    }
    TopView view(facet_);
    const int status = Interact(view, live->get(), source);
    if ((*live)->Stop()) return status;
    // It still waits for the process to answer; nothing is lost with it.
    std::fflush(nullptr);
    _exit(status);
  }

  // The word that looks like a process, among several; "": none.
  std::string PidAmongDumps() const {
    std::error_code error;
    for (const std::string& word : words_) {
      if (words_.size() > 1 && IsNumber(word) && !std::filesystem::exists(word, error)) return word;
    }
    return "";
  }

  bool IsOnce() const { return once_ || isatty(STDOUT_FILENO) == 0; }

  int PrintPage(const Picture& picture, const SourceState& source) const {
    const std::string page = PlainPage(picture, source, facet_, WidthOfPage());
    if (std::fputs(page.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
      return Fail(kUnreadable, "cannot write to standard output");
    if (picture.verdict.failing > 0) return kFindings;
    return picture.verdict.incomplete ? kIncomplete : 0;
  }

  static void Tell(const LiveSource::Look& look, SourceState& source) {
    source.has_ended = source.has_ended || look.has_ended;
    source.trouble = look.trouble;
    if (look.picture == nullptr) return;
    source.looks = look.number;
    source.took = DurationText(static_cast<uint64_t>(look.took.count()));
  }

  int Interact(TopView& view, LiveSource* live, SourceState source = {}) const;

  std::vector<std::string> words_;
  LiveSettings live_;
  Facet facet_ = Facet::kSite;
  bool once_ = false;
};

// Handles what has been typed. False: it is time to leave.
bool TakeKeys(Screen& screen, TopView& view, LiveSource* live) {
  while (const std::optional<Screen::Input> input = screen.Read()) {
    if (input->resized) {
      view.Resize(screen.width(), screen.height());
      continue;
    }
    const TopView::Wish wish = view.Press(input->key);
    if (wish == TopView::Wish::kQuit) return false;
    if (live == nullptr) continue;
    if (wish == TopView::Wish::kLookNow) live->LookNow();
    live->SetPaused(view.is_paused());
  }
  return true;
}

int TopCommand::Interact(TopView& view, LiveSource* live, SourceState source) const {
  absl::StatusOr<Signals> signals = Signals::Take();
  if (!signals.ok()) return Fail(kUnreadable, signals.status().message());
  if (live != nullptr) {
    if (const absl::Status started = live->Start(); !started.ok()) return Fail(kUnreadable, started.message());
  }
  absl::StatusOr<std::unique_ptr<Screen>> screen = Screen::Open();
  if (!screen.ok()) return Fail(UsageStatus(), screen.status().message());
  view.Resize((*screen)->width(), (*screen)->height());
  while (true) {
    if (live != nullptr) {
      if (std::optional<LiveSource::Look> look = live->Take(); look.has_value()) {
        Tell(*look, source);
        view.SetSource(source);
        if (look->picture != nullptr) view.Show(std::move(look->picture));
      }
    }
    (*screen)->Draw(view.Lines(), view.CursorColumn());
    const bool is_there = (*screen)->Wait(signals->descriptor(), live == nullptr ? -1 : live->descriptor());
    if (!is_there || signals->IsAskedToEnd() || !TakeKeys(**screen, view, live)) return 0;
  }
}

}  // namespace

std::unique_ptr<Command> MakeTopCommand() { return std::make_unique<TopCommand>(); }

}  // namespace stray::analyzer
