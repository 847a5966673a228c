// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/reported.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/race_history.h"
#include "analyzer/analysis/report_words.h"

namespace stray::analyzer {
namespace {

struct ReportKind {
  absl::string_view word;
  absl::string_view finding;
};

constexpr ReportKind kKinds[] = {
#define STRAY_REPORT_KIND(word, said, finding, title) {word, finding},
#include "agent/wire/report_kinds.inc"
#undef STRAY_REPORT_KIND
};

std::string FindingOf(absl::string_view kind) {
  const auto known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const ReportKind& one) { return one.word == kind; });
  return std::string(known == std::end(kKinds) ? "race.data" : known->finding);
}

Confidence ConfidenceOf(const wire::SanitizerReport& report) {
  if (report.kind() == "lock-hint") return Confidence::kHeuristic;
  // go-deadlock takes what two readers do for a deadlock, and a long wait for one without end.
  // Where a trace has no accesses to memory, what tasks read may keep to the order that was seen.
  return report.kind() == "lock-order" || report.kind() == "other" ||
                 absl::StartsWith(report.kind(), "likely-") || report.reporter() == "go-deadlock"
             ? Confidence::kLikely
             : Confidence::kProved;
}

struct Seen {
  const ProcessModel* process = nullptr;
  const wire::SanitizerReport* report = nullptr;
};

// All reports that are one finding.
struct Bundle {
  std::vector<Seen> all;
  absl::flat_hash_set<std::string> paths;
  uint64_t count = 0;
};

// The stacks that say what happened where, as opposed to where tasks, mutexes and memory come from.
std::vector<uint32_t> StacksOf(const ProcessModel& process, const wire::SanitizerReport& report) {
  std::vector<uint32_t> stacks;
  for (const wire::Access& access : report.accesses()) stacks.push_back(access.stack());
  for (const wire::LockStep& step : report.steps()) {
    stacks.push_back(step.wanted().site().stack());
    stacks.push_back(step.held().site().stack());
  }
  if (stacks.empty() && report.stacks_size() > 0) stacks.push_back(report.stacks(0).stack());
  for (uint32_t id : report.tasks()) {
    const wire::Task* task = process.FindTask(id);
    if (report.kind() == "thread-leak" && task != nullptr) stacks.push_back(task->create_stack());
  }
  return stacks;
}

// What stacks are compared by. Reports of one log share most of their stacks, so each is looked at once.
class StackKeys {
 public:
  struct Key {
    std::string place;  // the line of user code that did it
    std::string path;   // and all of those that led there
  };

  const Key& Of(const ProcessModel& process, uint32_t stack) {
    auto [it, is_new] = known_.try_emplace({&process, stack});
    if (!is_new) return it->second;
    const wire::Stack* record = process.FindStack(stack);
    if (record == nullptr) return it->second;
    const auto addresses =
        absl::MakeConstSpan(record->addresses().data(), static_cast<size_t>(record->addresses_size()));
    const auto frame = TopUserFrame(process, addresses);
    it->second = {frame.has_value() ? FrameKey(*frame) : "", StackKey(process, addresses)};
    return it->second;
  }

  std::string PlacesOf(const Seen& seen) {
    return absl::StrCat(seen.report->kind(), "\n", KindTitle(*seen.report), "\n", Joined(seen, &Key::place));
  }
  std::string PathsOf(const Seen& seen) { return Joined(seen, &Key::path); }

 private:
  // In an order of their own: which access the detector caught first is chance.
  std::string Joined(const Seen& seen, std::string Key::*part) {
    std::vector<std::string> keys;
    for (uint32_t stack : StacksOf(*seen.process, *seen.report)) keys.push_back(Of(*seen.process, stack).*part);
    std::sort(keys.begin(), keys.end());
    return absl::StrJoin(keys, "\n\n");
  }

  absl::flat_hash_map<std::pair<const ProcessModel*, uint32_t>, Key> known_;
};

// The report that tells most: whole, and with all its stacks.
const Seen& BestOf(const std::vector<Seen>& all) {
  const auto lacks = [](const Seen& seen) {
    const std::vector<uint32_t> stacks = StacksOf(*seen.process, *seen.report);
    return std::count(stacks.begin(), stacks.end(), 0u) + (seen.report->cut() ? 1 : 0);
  };
  return *std::min_element(all.begin(), all.end(),
                           [&](const Seen& a, const Seen& b) { return lacks(a) < lacks(b); });
}

void AddCreation(const ProcessModel& process, EvidenceTask& task) {
  const EvidenceMaker evidence(process, nullptr);
  for (EvidenceStack& stack : evidence.CreationOf(task.task)) task.stacks.push_back(std::move(stack));
}

EvidenceTask TaskOf(const ProcessModel& process, uint32_t id) {
  EvidenceTask task;
  task.task = id;
  const wire::Task* record = process.FindTask(id);
  task.state = record != nullptr && record->finished() ? "finished" : "running";
  return task;
}

void AddGroup(EvidenceTask task, Finding& finding) {
  finding.groups.emplace_back().tasks.push_back(std::move(task));
}

void AddAccesses(const ProcessModel& process, const wire::SanitizerReport& report, Finding& finding) {
  for (int i = 0; i < report.accesses_size(); ++i) {
    const wire::Access& access = report.accesses(i);
    EvidenceTask task = TaskOf(process, access.task());
    task.access = {access.write(), access.atomic(), access.size(), access.address(), access.object_type()};
    const bool frees = i != 0 && absl::StrContains(report.kind(), "use-after-free");
    const std::string role =
        frees ? "free" : absl::StrCat(access.atomic() ? "atomic " : "", access.write() ? "write" : "read");
    task.stacks = {StackEvidence(process, role, access.stack())};
    task.held = HeldAt(report, i);
    task.recent = RecentOf(report, access.task());
    AddCreation(process, task);
    AddGroup(std::move(task), finding);
  }
}

void AddSteps(const ProcessModel& process, const wire::SanitizerReport& report, Finding& finding) {
  for (const wire::LockStep& step : report.steps()) {
    EvidenceTask task = TaskOf(process, step.task());
    task.object = step.wanted().object();
    const bool is_holder =
        step.wanted().object() == 0 && step.held().object() != 0;  // and no more is known of it
    if (step.held().object() != 0 || step.wanted().object() == 0)
      task.held = {{step.held().object(), step.held().read(), step.held().site()}};
    const std::string role = StepVerb(report, 0).empty() ? "wanted" : "misuse";
    if (!is_holder) task.stacks = {StackEvidence(process, role, step.wanted().site().stack())};
    if (step.held().site().stack() != 0)
      task.stacks.push_back(StackEvidence(process, "acquired", step.held().site().stack()));
    AddCreation(process, task);
    AddGroup(std::move(task), finding);
  }
}

// Of a call the detector does not say which task made it.
void AddCall(const ProcessModel& process, const wire::SanitizerReport& report, Finding& finding) {
  EvidenceTask task;
  task.state = "running";
  task.object = report.objects_size() == 1 ? report.objects(0) : 0;
  for (const wire::ReportStack& stack : report.stacks()) {
    const bool is_second = stack.role() == "and";
    const bool was_locked = is_second && report.kind() == "destroy-locked";
    const bool is_call = stack.role().empty() || absl::StartsWith(stack.role(), "signal ");
    task.stacks.push_back(StackEvidence(process,
                                        was_locked ? "acquired"
                                        : is_call  ? "misuse"
                                                   : stack.role(),
                                        stack.stack()));
  }
  AddGroup(std::move(task), finding);
}

void AddEvidence(const ProcessModel& process, const wire::SanitizerReport& report, Finding& finding) {
  AddAccesses(process, report, finding);
  AddSteps(process, report, finding);
  if (finding.groups.empty() && report.stacks_size() > 0) AddCall(process, report, finding);
  if (!finding.groups.empty()) return;
  for (uint32_t id : report.tasks()) {
    EvidenceTask task = TaskOf(process, id);
    AddCreation(process, task);
    AddGroup(std::move(task), finding);
  }
}

Finding FindingOf(const Bundle& bundle) {
  const Seen& best = BestOf(bundle.all);
  Finding finding;
  finding.id = FindingOf(best.report->kind());
  finding.kind = best.report->kind();
  finding.confidence = ConfidenceOf(*best.report);
  finding.count = bundle.count;
  finding.process = best.process;
  AddEvidence(*best.process, *best.report, finding);
  finding.objects.assign(best.report->objects().begin(), best.report->objects().end());
  EvidenceReport& reported = finding.reported.emplace();
  reported.shown = best.report;
  reported.call_paths = bundle.paths.size();
  reported.last_order = LastOrder(*best.process, *best.report);
  absl::flat_hash_set<int32_t> pids;
  for (const Seen& seen : bundle.all) {
    reported.origins.push_back(seen.report->origin());
    const int32_t pid = seen.process->process.pid();
    if (pids.insert(pid).second) reported.pids.push_back(pid);
  }
  finding.title = KindTitle(*best.report);
  finding.explanation = ExplainReport(*best.process, *best.report);
  return finding;
}

}  // namespace

std::vector<Finding> FindReported(const Model& model) {
  std::vector<Bundle> bundles;
  StackKeys keys;
  absl::flat_hash_map<std::string, size_t> known;
  for (const auto& process : model.processes) {
    for (const wire::SanitizerReport& report : process->sanitizer_reports) {
      if (report.kind() == "possible-partners") continue;  // evidence for leaks: MeetingSentence()
      const Seen seen{process.get(), &report};
      auto [it, is_new] = known.try_emplace(keys.PlacesOf(seen), bundles.size());
      if (is_new) bundles.emplace_back();
      Bundle& bundle = bundles[it->second];
      bundle.all.push_back(seen);
      bundle.paths.insert(keys.PathsOf(seen));
      bundle.count += uint64_t{1} + report.similar();
    }
  }
  std::vector<Finding> findings;
  for (const Bundle& bundle : bundles) findings.push_back(FindingOf(bundle));
  return findings;
}

}  // namespace stray::analyzer
