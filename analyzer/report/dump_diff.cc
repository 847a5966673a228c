// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/dump_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/signature.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/baseline.h"
#include "analyzer/report/stack_text.h"

namespace stray::analyzer {
namespace {

constexpr uint64_t kMinuteNs = 60'000'000'000;
constexpr size_t kShownFrames = 6;

// Names that are the same in every build: the user functions, or where there are none, all of them, with the
// module for one without a name.
std::vector<std::string> FunctionsOf(const ProcessModel& process, const EvidenceStack& stack) {
  const auto of_module = [](const FrameView& frame) {
    return frame.module == nullptr ? "??" : std::string(ModuleName(frame.module));
  };
  std::vector<std::string> all;
  bool is_named = true;  // all user frames have names
  for (const FrameView& frame : ExpandFrames(process, stack.addresses)) {
    if (frame.role == FrameRole::kAgent) continue;
    const bool has_name = frame.location != nullptr && !frame.location->function().empty();
    is_named = is_named && (has_name || frame.role != FrameRole::kUser);
    std::string name = has_name ? FunctionKey(frame) : of_module(frame);
    if (all.empty() || all.back() != name) all.push_back(std::move(name));
  }
  if (!is_named) return all;
  std::vector<std::string> user = StableFunctions(process, stack);
  return user.empty() ? all : user;
}

// The stacks of one process, each looked at once.
class Places {
 public:
  Places(const ProcessModel& process, const SnapshotModel& snapshot)
      : evidence_(process, &snapshot), process_(process) {}

  struct Place {
    std::vector<std::string> functions;
    std::string text;
  };

  const Place& Of(const wire::TaskState& state) {
    const bool is_blocked = state.state() == "blocked";
    const EvidenceMaker::Look look = is_blocked ? evidence_.LookOf(state) : evidence_.OriginOf(state.task());
    const auto [it, is_new] = known_.try_emplace({is_blocked, is_blocked ? look.where : look.created});
    if (!is_new) return it->second;
    const std::vector<EvidenceStack> stacks =
        is_blocked ? evidence_.StacksOf(state) : evidence_.CreationOf(state.task());
    if (stacks.empty()) return it->second;
    it->second = {FunctionsOf(process_, stacks.front()), StackChain(process_, stacks.front(), kShownFrames)};
    return it->second;
  }

 private:
  EvidenceMaker evidence_;
  const ProcessModel& process_;
  absl::flat_hash_map<std::pair<bool, uint32_t>, Place> known_;
};

Change ChangeOf(const std::vector<uint64_t>& counts) {
  const uint64_t first = counts.front(), last = counts.back();
  if (first == 0 && last == 0) return Change::kPassing;
  if (first == 0) return Change::kNew;
  if (last == 0) return Change::kGone;
  return last > first ? Change::kGrown : last < first ? Change::kShrunk : Change::kSame;
}

uint64_t SizeOf(const std::vector<uint64_t>& counts) {
  const uint64_t first = counts.front(), last = counts.back();
  return first == last  ? *std::max_element(counts.begin(), counts.end())
         : last > first ? last - first
                        : first - last;
}

template <typename Series>
bool IsMoreImportant(const Series& a, const Series& b) {
  if (a.change != b.change) return a.change < b.change;
  return SizeOf(a.counts) > SizeOf(b.counts);  // else in the order of the keys
}

WaitTimes TimesOf(std::vector<uint64_t>& waits) {
  std::sort(waits.begin(), waits.end());
  return {waits.front(), waits[(waits.size() - 1) / 2], waits.back()};
}

// The time of a snapshot of `process` on the clock of the wall; nullopt: the dump does not tell.
std::optional<uint64_t> WallTime(const ProcessModel& process) {
  const SnapshotModel* snapshot = process.LastSnapshot();
  const uint64_t start_ns = process.process.start_ns();
  if (snapshot == nullptr || process.process.start_realtime_ns() == 0 || snapshot->info.time_ns() < start_ns)
    return std::nullopt;
  return process.process.start_realtime_ns() + (snapshot->info.time_ns() - start_ns);
}

DumpPoint PointOf(const JudgedDump& dump) {
  DumpPoint point;
  point.path = dump.path;
  point.incomplete = dump.incomplete;
  std::set<std::string> programs;
  for (const auto& process : dump.model->processes) {
    programs.insert(ProgramOf(*process));
    if (process->LastSnapshot() != nullptr) point.tasks += process->LastSnapshot()->tasks.size();
    if (!point.time_ns.has_value()) point.time_ns = WallTime(*process);
  }
  point.programs.assign(programs.begin(), programs.end());
  point.findings = static_cast<uint64_t>(std::count_if(
      dump.findings.begin(), dump.findings.end(), [](const Finding& finding) { return !finding.suppressed; }));
  return point;
}

// Trends of rows of counts, one for each dump.
class Trends {
 public:
  explicit Trends(const std::vector<DumpPoint>& dumps) : count_(dumps.size()) {
    for (const DumpPoint& dump : dumps) {
      if (!dump.time_ns.has_value() || (!times_.empty() && *dump.time_ns <= times_.back())) {
        times_.clear();
        return;
      }
      times_.push_back(*dump.time_ns);
    }
  }

  std::optional<SeriesTrend> Of(const std::vector<uint64_t>& counts) const {
    if (count_ < kLeastDumpsOfTrend) return std::nullopt;
    // One dump a minute: what is said by minute is then said by dump.
    const std::optional<Trend> by_dump =
        FindIn(counts, [](size_t i) { return static_cast<uint64_t>(i) * kMinuteNs; });
    if (!by_dump.has_value()) return std::nullopt;
    SeriesTrend trend{by_dump->per_minute, std::nullopt};
    if (times_.empty()) return trend;
    const std::optional<Trend> by_time = FindIn(counts, [&](size_t i) { return times_[i]; });
    if (by_time.has_value()) trend.per_minute = by_time->per_minute;
    return trend;
  }

 private:
  template <typename TimeOf>
  static std::optional<Trend> FindIn(const std::vector<uint64_t>& counts, TimeOf time_of) {
    std::vector<CountAt> points;
    for (size_t i = 0; i < counts.size(); ++i) points.push_back({time_of(i), counts[i]});
    return FindTrend(points, {.least_points = kLeastDumpsOfTrend});
  }

  size_t count_;
  std::vector<uint64_t> times_;  // empty: not known, or not rising
};

// The groups of tasks of all dumps.
class TaskGroups {
 public:
  explicit TaskGroups(size_t dumps) : dumps_(dumps) {}

  void Add(size_t dump, const ProcessModel& process) {
    const SnapshotModel* snapshot = process.LastSnapshot();
    if (snapshot == nullptr) return;
    Places places(process, *snapshot);
    const std::string program = ProgramOf(process);
    for (const wire::TaskState& state : snapshot->tasks) {
      const wire::Task* task = process.FindTask(state.task());
      const Places::Place& place = places.Of(state);
      const Key key = {program,
                       task == nullptr ? "" : task->kind(),
                       state.state(),
                       state.wait_reason(),
                       state.wait_reason().empty() ? "" : std::string(WaitOf(process, state).object_kind),
                       state.held_size() != 0,
                       place.functions};
      Group& group =
          groups_
              .try_emplace(key,
                           Group{{}, std::vector<std::vector<uint64_t>>(dumps_), std::vector<uint64_t>(dumps_)})
              .first->second;
      group.place = place.text;
      ++group.counts[dump];
      if (state.state() == "blocked") group.waits[dump].push_back(state.wait_ns());
    }
  }

  std::vector<TaskSeries> Take(const Trends& trends) {
    std::vector<TaskSeries> all;
    for (auto& [key, group] : groups_) {
      TaskSeries& series = all.emplace_back();
      std::tie(series.program, series.kind, series.state, series.wait_reason, series.waits_on,
               series.holds_locks, series.functions) = key;
      series.place = group.place;
      series.counts = std::move(group.counts);
      series.change = ChangeOf(series.counts);
      series.trend = trends.Of(series.counts);
      for (std::vector<uint64_t>& waits : group.waits)
        series.waits.push_back(waits.empty() ? std::nullopt : std::make_optional(TimesOf(waits)));
    }
    std::stable_sort(all.begin(), all.end(), IsMoreImportant<TaskSeries>);
    return all;
  }

 private:
  // In the order of TaskSeries.
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string, bool,
                         std::vector<std::string>>;
  struct Group {
    std::string place;
    std::vector<std::vector<uint64_t>> waits;  // of those that are blocked, for each dump
    std::vector<uint64_t> counts;
  };

  size_t dumps_;
  std::map<Key, Group> groups_;
};

// Where the first task of it got stuck; "" for a running one.
std::string PlaceOf(const Finding& finding) {
  if (finding.groups.empty() || finding.groups.front().tasks.empty()) return "";
  for (const EvidenceStack& stack : finding.groups.front().tasks.front().stacks) {
    if (stack.role != "running") return StackChain(*finding.process, stack, kShownFrames);
  }
  return "";
}

std::vector<FindingSeries> FindingsOf(const std::vector<JudgedDump>& dumps, const Trends& trends) {
  std::map<std::pair<std::string, std::string>, FindingSeries> series;
  for (size_t i = 0; i < dumps.size(); ++i) {
    for (const Finding& finding : dumps[i].findings) {
      if (finding.suppressed) continue;
      const std::string program = finding.process == nullptr ? "" : ProgramOf(*finding.process);
      FindingSeries& one = series[{program, finding.signature}];
      one.id = finding.id;
      one.signature = finding.signature;
      one.program = program;
      one.title = finding.title;
      one.place = PlaceOf(finding);
      one.confidence = finding.confidence;
      one.counts.resize(dumps.size());
      const bool is_first = one.counts[i] == 0;  // in this dump
      one.excused = IsExcused(finding) && (is_first || one.excused);
      one.counts[i] += finding.count;
    }
  }
  std::vector<FindingSeries> all;
  for (auto& [key, one] : series) {
    one.change = ChangeOf(one.counts);
    one.trend = trends.Of(one.counts);
    all.push_back(std::move(one));
  }
  std::stable_sort(all.begin(), all.end(), IsMoreImportant<FindingSeries>);
  return all;
}

}  // namespace

const char* ChangeText(Change change) {
  switch (change) {
    case Change::kNew:
      return "new";
    case Change::kGrown:
      return "grown";
    case Change::kShrunk:
      return "shrunk";
    case Change::kGone:
      return "gone";
    case Change::kPassing:
      return "passing";
    case Change::kSame:
      return "same";
  }
  return "";
}

DumpDiff CompareDumps(const std::vector<JudgedDump>& dumps) {
  DumpDiff diff;
  TaskGroups groups(dumps.size());
  for (size_t i = 0; i < dumps.size(); ++i) {
    diff.dumps.push_back(PointOf(dumps[i]));
    for (const auto& process : dumps[i].model->processes) groups.Add(i, *process);
  }
  const Trends trends(diff.dumps);
  diff.tasks = groups.Take(trends);
  diff.findings = FindingsOf(dumps, trends);
  return diff;
}

}  // namespace stray::analyzer
