// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/periodic_watch.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/cli/duration.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/report/names.h"
#include "analyzer/report/policy_text.h"

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kShortestPeriod(10);
constexpr char kLead[] = "stray: ";
constexpr uint32_t kLooksOfOrder = 5;

// What tasks are in, as opposed to what has happened: it is so at one moment.
bool IsState(const Finding& finding) {
  return absl::StartsWith(finding.id, "leak.") || absl::StartsWith(finding.id, "deadlock.");
}

bool IsOfTheMiddle(const ProcessModel& process) {
  const SnapshotModel* snapshot = process.LastSnapshot();
  return snapshot != nullptr && snapshot->info.reason() == "request";
}

bool IsOrder(const Finding& finding) { return absl::StartsWith(finding.id, "lock-order."); }

// "server (pid 4711), 12 s after its start"
std::string WhenText(const ProcessModel& process) {
  const uint64_t start_ns = process.process.start_ns();
  const uint64_t now_ns = process.LastSnapshot()->info.time_ns();
  const std::string age = now_ns > start_ns ? DurationText(now_ns - start_ns) : "";
  return absl::StrCat(ProcessName(process), age.empty() ? "" : absl::StrCat(", ", age, " after its start"));
}

// " at Handle (server.cc:12)"
std::string WhereText(const Finding& finding) {
  const EvidenceTask& task = finding.groups.front().tasks.front();
  if (task.stacks.empty()) return "";
  const std::optional<FrameView> view = TopUserFrame(*finding.process, task.stacks.front().addresses);
  return view.has_value() ? AtPlace(PlaceLabel(*view)) : "";
}

}  // namespace

CLI::Option* AddWatchOption(CLI::App& app, nanoseconds& period) {
  return AddParsed<std::string>(app, "--watch",
                                "Look this often, and tell leaks and deadlocks when they appear",
                                [&period](const std::string& text) -> absl::Status {
                                  const absl::StatusOr<nanoseconds> duration = ParseDuration(text);
                                  if (!duration.ok())
                                    return absl::InvalidArgumentError(
                                        absl::StrCat("--watch: ", std::string(duration.status().message())));
                                  if (*duration < kShortestPeriod)
                                    return absl::InvalidArgumentError("--watch: 10ms is the shortest period");
                                  period = *duration;
                                  return absl::OkStatus();
                                })
      ->type_name("DURATION");
}

void WatchClock::Looked(Time begin, Time end) {
  // Times that have passed are over.
  next_ = next_ + period_ > end ? next_ + period_ : end + period_;
  next_ = std::max(next_, end + (end - begin));
}

PeriodicWatch::History& PeriodicWatch::HistoryOf(const ProcessModel& process) {
  return histories_[{process.process.pid(), process.process.start_ns()}];
}

PeriodicWatch::Growing PeriodicWatch::FindGrowing(const Model& model, const std::vector<Finding>& raw) {
  Growing growing;
  for (const auto& process : model.processes) {
    History& history = HistoryOf(*process);
    absl::flat_hash_set<uint32_t> explained;
    for (const Finding& finding : raw) {
      if (finding.process != process.get() || !IsState(finding)) continue;
      for (uint32_t task : TaskIds(finding.groups)) explained.insert(task);
    }
    std::vector<GrowingSite> sites = history.growth.Add(*process, history.ages, explained);
    has_lost_ = has_lost_ || history.growth.has_lost();
    if (!sites.empty()) growing.emplace_back(process.get(), std::move(sites));
  }
  return growing;
}

// A lock order that is about to become a deadlock is told as that. All others are told some looks later: by
// then a deadlock is known to last.
void PeriodicWatch::DropFreshOrders(std::vector<Finding>& findings) const {
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [&](const Finding& finding) {
                                  if (!IsOrder(finding)) return false;
                                  const auto seen = orders_.find(NamelessKey(finding));
                                  return seen == orders_.end() || seen->second < kLooksOfOrder;
                                }),
                 findings.end());
}

absl::Status CheckWatchFormat(const OutputSettings& output) {
  if (output.format == "text" || output.format == "json") return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--watch tells what happens as text or json, not as ", output.format));
}

bool PeriodicWatch::IsNews(const std::vector<Finding>& raw, const Growing& growing) {
  absl::flat_hash_map<uint64_t, uint64_t> counts;
  for (const Finding& finding : raw) counts[NamelessKey(finding)] += finding.count;
  return told_.HasNews(counts) || !growing.empty();
}

std::vector<Finding> PeriodicWatch::NamedFindings(Model& model, const Growing& growing) {
  Explain(model);
  std::vector<Finding> findings = Judge(model, judge_, policy_).findings;
  DropFreshOrders(findings);
  for (const auto& [process, sites] : growing) {
    const Background background = FindBackground(*process, process->LastSnapshot(), judge_.default_ignores);
    std::vector<Finding> more = GrowthFindings(*process, sites, background.ignored);
    policy_.Apply(more);
    std::move(more.begin(), more.end(), std::back_inserter(findings));
  }
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [](const Finding& finding) { return !IsShown(finding); }),
                 findings.end());
  return findings;
}

absl::Status PeriodicWatch::Look(Model model) {
  ++looks_;
  // One that ends just now, or a test in it, has taken a snapshot of its own: what is left there is for the
  // report of that end.
  model.processes.erase(std::remove_if(model.processes.begin(), model.processes.end(),
                                       [](const auto& process) { return !IsOfTheMiddle(*process); }),
                        model.processes.end());
  for (const auto& process : model.processes) {
    History& history = HistoryOf(*process);
    history.last_look = looks_;
    SnapshotModel& snapshot = process->snapshots.back();
    history.ages.Add(snapshot);
    // All threads stood still for the others: they are consistent as they are.
    if (snapshot.info.reach() != "complete") KeepLastingWaits(history.ages, snapshot);
  }
  // The thread of a sanitizer is told by its function.
  const bool needs_names = std::any_of(model.processes.begin(), model.processes.end(),
                                       [](const auto& process) { return process->process.sanitizer(); });
  if (needs_names) Explain(model);
  std::vector<Finding> raw = Analyze(model, {.default_ignores = judge_.default_ignores});
  absl::flat_hash_map<uint64_t, uint32_t> orders;
  for (const Finding& finding : raw) {
    if (!IsOrder(finding)) continue;
    const auto before = orders_.find(NamelessKey(finding));
    orders[NamelessKey(finding)] = before == orders_.end() ? 1 : before->second + 1;
  }
  orders_ = std::move(orders);
  DropFreshOrders(raw);
  const Growing growing = FindGrowing(model, raw);
  Forget();
  const absl::Status told = IsNews(raw, growing) ? TellNews(model, growing) : absl::OkStatus();
  return told.ok() ? TellLosses() : told;
}

absl::Status PeriodicWatch::TellNews(Model& model, const Growing& growing) {
  for (const News& news : told_.TakeNews(NamedFindings(model, growing))) {
    if (absl::Status told = Tell(model, news); !told.ok()) return told;
    if (news.told_before != 0) continue;
    ++told_count_;
    failing_ += judge_.fail_on.Matches(news.finding) ? 1 : 0;
  }
  return absl::OkStatus();
}

// Of processes that have ended, and of some that have not answered.
void PeriodicWatch::Forget() {
  constexpr uint64_t kPatience = 5;
  for (auto it = histories_.begin(); it != histories_.end();) {
    it = it->second.last_look + kPatience < looks_ ? histories_.erase(it) : std::next(it);
  }
}

absl::Status PeriodicWatch::Tell(const Model& model, const News& news) {
  const ProcessModel& process = *news.finding.process;
  ReportOptions options;
  options.color = sink_.use_color();
  if (output_.format == "json") {
    options.one_line = true;
    options.event = WatchEvent{.kind = news.told_before == 0 ? "new" : "more",
                               .told_before = news.told_before,
                               .count = news.count,
                               .time_ns = process.LastSnapshot()->info.time_ns()};
    return sink_.Write(JsonReport(model, {news.finding}, options));
  }
  const std::string when = absl::StrCat(kLead, WhenText(process), ": ");
  if (news.told_before == 0)
    return sink_.Write(absl::StrCat(when, "new\n", FindingReport(news.finding, options), "\n"));
  return sink_.Write(absl::StrCat(when, news.finding.id, ", now ", news.count,
                                  " (told before: ", news.told_before, ")", WhereText(news.finding), "\n"));
}

absl::Status PeriodicWatch::TellLosses() {
  if (said_lost_ || (!has_lost_ && !told_.has_lost())) return absl::OkStatus();
  said_lost_ = true;
  const std::string text =
      "there are more places or findings than --watch keeps (4096 of each): from here on some are told at the "
      "end only";
  if (output_.format != "json") return sink_.Write(absl::StrCat(kLead, text, "\n"));
  ReportOptions options;
  options.one_line = true;
  options.notes = {text};
  return sink_.Write(JsonReport(Model(), {}, options));
}

}  // namespace stray::analyzer
