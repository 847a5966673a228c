// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"

namespace stray::analyzer {
namespace {

using prometheus::MetricType;

constexpr double kNsPerSecond = 1e9;

using Labels = std::vector<prometheus::ClientMetric::Label>;

// The families of one answer, in the order in which they were first named.
class Families {
 public:
  void Add(MetricType type, const char* name, const char* help, Labels labels, double value) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    FamilyOf(type, name, help).metric.push_back(std::move(metric));
  }

  std::string Text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  prometheus::MetricFamily& FamilyOf(MetricType type, const char* name, const char* help) {
    for (prometheus::MetricFamily& family : families_) {
      if (family.name == name) return family;
    }
    prometheus::MetricFamily& family = families_.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
    return family;
  }

  std::vector<prometheus::MetricFamily> families_;
};

Labels LabelsOf(const ProcessModel& process, Labels more = {}) {
  Labels labels = {{"pid", absl::StrCat(process.process.pid())}, {"program", ProgramName(process)}};
  labels.insert(labels.end(), more.begin(), more.end());
  return labels;
}

struct Waiting {
  uint64_t tasks = 0;
  uint64_t oldest_ns = 0;
};

void AddTasks(const ProcessModel& process, Families& out) {
  std::map<std::tuple<std::string, std::string, std::string>, Waiting> groups;
  for (const wire::TaskState& state : process.LastSnapshot()->tasks) {
    const wire::Task* task = process.FindTask(state.task());
    if (state.state() == "finished") continue;
    Waiting& group = groups[{task == nullptr ? "thread" : task->kind(), state.state(), state.wait_reason()}];
    ++group.tasks;
    group.oldest_ns = std::max(group.oldest_ns, state.wait_ns());
  }
  for (const auto& [key, group] : groups) {
    const auto& [kind, state, reason] = key;
    const Labels labels = LabelsOf(process, {{"kind", kind}, {"state", state}, {"wait_reason", reason}});
    out.Add(MetricType::Gauge, "stray_tasks", "Live tasks: threads and goroutines.", labels,
            static_cast<double>(group.tasks));
  }
  for (const auto& [key, group] : groups) {
    const auto& [kind, state, reason] = key;
    if (state != "blocked") continue;
    out.Add(MetricType::Gauge, "stray_oldest_wait_seconds",
            "How long the first of the blocked tasks has waited.",
            LabelsOf(process, {{"kind", kind}, {"wait_reason", reason}}),
            static_cast<double>(group.oldest_ns) / kNsPerSecond);
  }
}

// Locks that somebody waits for.
void AddContention(const ProcessModel& process, Families& out) {
  std::map<std::string, std::pair<Waiting, std::vector<uint32_t>>> by_kind;
  for (const wire::TaskState& state : process.LastSnapshot()->tasks) {
    const wire::Object* object = process.FindObject(state.object());
    if (state.state() != "blocked" || object == nullptr) continue;
    auto& [waiting, objects] = by_kind[object->kind()];
    ++waiting.tasks;
    waiting.oldest_ns += state.wait_ns();
    if (std::find(objects.begin(), objects.end(), object->id()) == objects.end())
      objects.push_back(object->id());
  }
  for (const auto& [kind, waits] : by_kind) {
    const Labels labels = LabelsOf(process, {{"object", kind}});
    out.Add(MetricType::Gauge, "stray_awaited_objects", "Objects that at least one task waits for.", labels,
            static_cast<double>(waits.second.size()));
  }
  for (const auto& [kind, waits] : by_kind) {
    out.Add(MetricType::Gauge, "stray_waiting_seconds", "Waiting time so far, of all tasks that wait now.",
            LabelsOf(process, {{"object", kind}}), static_cast<double>(waits.first.oldest_ns) / kNsPerSecond);
  }
}

// Waits that have ended, if they are counted.
void AddEndedWaits(const ProcessModel& process, Families& out) {
  std::map<std::string, std::pair<uint64_t, uint64_t>> waits, locks;  // count and time by reason
  for (const wire::ProfileSite& site : process.profile_sites) {
    auto& [count, delay_ns] = (site.profile() == "mutex" ? locks : waits)[site.wait_reason()];
    count += site.count();
    delay_ns += site.delay_ns();
  }
  const auto add = [&](const auto& totals, const char* count, const char* count_help, const char* seconds,
                       const char* seconds_help) {
    for (const auto& [reason, total] : totals) {
      out.Add(MetricType::Counter, count, count_help, LabelsOf(process, {{"wait_reason", reason}}),
              static_cast<double>(total.first));
    }
    for (const auto& [reason, total] : totals) {
      out.Add(MetricType::Counter, seconds, seconds_help, LabelsOf(process, {{"wait_reason", reason}}),
              static_cast<double>(total.second) / kNsPerSecond);
    }
  };
  add(waits, "stray_waits_total", "Waits that have ended, estimated from those that were counted.",
      "stray_wait_seconds_total", "How long they took, in sum.");
  add(locks, "stray_lock_waits_total", "Those for locks, by the mutex profile's own count.",
      "stray_lock_wait_seconds_total", "How long they took, in sum.");
}

void AddFindings(const ProcessModel& process, const Verdict& verdict, Families& out) {
  std::map<std::pair<std::string, std::string>, uint64_t> counts;
  uint64_t leaked = 0;
  for (const Finding& finding : verdict.findings) {
    if (IsExcused(finding)) continue;
    counts[{finding.id, ConfidenceText(finding.confidence)}] += finding.count;
    if (finding.id == "leak.blocked") leaked += finding.count;
  }
  for (const auto& [key, count] : counts) {
    out.Add(MetricType::Gauge, "stray_findings", "What is found in the program at this moment.",
            LabelsOf(process, {{"id", key.first}, {"confidence", key.second}}), static_cast<double>(count));
  }
  // Without it none does not mean that there is none.
  if (process.LastSnapshot()->info.reach() != "complete") return;
  out.Add(MetricType::Gauge, "stray_leaked_tasks", "Tasks that nothing left alive can ever wake.",
          LabelsOf(process), static_cast<double>(leaked));
}

void AddTotals(const ProcessModel& process, const MetricsHistory::Totals& totals, Families& out) {
  constexpr char kCreated[] = "stray_tasks_created_total";
  constexpr char kCreatedHelp[] = "Tasks created since the program began, as far as they were seen.";
  out.Add(MetricType::Counter, kCreated, kCreatedHelp, LabelsOf(process, {{"kind", "thread"}}),
          static_cast<double>(totals.threads));
  if (process.process.runtime()) {
    out.Add(MetricType::Counter, kCreated, kCreatedHelp, LabelsOf(process, {{"kind", "goroutine"}}),
            static_cast<double>(totals.goroutines));
  }
  out.Add(MetricType::Counter, "stray_snapshots_total", "Snapshots that were taken for metrics.",
          LabelsOf(process), static_cast<double>(totals.snapshots));
  out.Add(MetricType::Gauge, "stray_snapshot_seconds", "How long the last snapshot took.", LabelsOf(process),
          static_cast<double>(process.LastSnapshot()->info.stall_ns()) / kNsPerSecond);
  for (const wire::LossCount& loss : process.losses) {
    out.Add(MetricType::Counter, "stray_losses_total", "What the agent could not record, by kind.",
            LabelsOf(process, {{"loss", loss.word()}}), static_cast<double>(loss.count()));
  }
}

}  // namespace

const MetricsHistory::Totals& MetricsHistory::Update(const ProcessModel& process) {
  Totals& totals = totals_[{process.process.pid(), process.process.start_ns()}];
  ++totals.snapshots;
  for (const wire::Task& task : process.tasks) {
    const bool is_goroutine = task.id() >= box::kFirstGoroutine;
    uint64_t& most = is_goroutine ? totals.goroutines : totals.threads;
    most = std::max<uint64_t>(most, is_goroutine ? task.id() - box::kFirstGoroutine : task.id());
  }
  return totals;
}

void MetricsHistory::Keep(const std::vector<const ProcessModel*>& processes) {
  std::map<std::pair<pid_t, uint64_t>, Totals> kept;
  for (const ProcessModel* process : processes) {
    const auto found = totals_.find({process->process.pid(), process->process.start_ns()});
    if (found != totals_.end()) kept.insert(*found);
  }
  totals_ = std::move(kept);
}

std::string MetricsText(const std::vector<std::pair<const ProcessModel*, const Verdict*>>& processes,
                        const std::vector<pid_t>& silent, MetricsHistory& history) {
  Families out;
  for (const auto& [process, verdict] : processes) {
    out.Add(MetricType::Gauge, "stray_up", "1: the process answered; 0: it did not.",
            {{"pid", absl::StrCat(process->process.pid())}}, 1);
  }
  for (const pid_t pid : silent) {
    out.Add(MetricType::Gauge, "stray_up", "1: the process answered; 0: it did not.",
            {{"pid", absl::StrCat(pid)}}, 0);
  }
  for (const auto& [process, verdict] : processes) {
    const MetricsHistory::Totals totals = history.Update(*process);
    AddTasks(*process, out);
    AddContention(*process, out);
    AddEndedWaits(*process, out);
    AddFindings(*process, *verdict, out);
    AddTotals(*process, totals, out);
  }
  if (silent.empty()) {
    std::vector<const ProcessModel*> all;
    for (const auto& [process, verdict] : processes) all.push_back(process);
    history.Keep(all);
  }
  return out.Text();
}

}  // namespace stray::analyzer
