// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/finding_entries.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/page/timeline_columns.h"
#include "analyzer/report/finding_place.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/history_text.h"
#include "analyzer/report/label_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/policy_text.h"
#include "analyzer/report/race_text.h"
#include "analyzer/report/report.h"
#include "analyzer/report/suppression_rule.h"
#include "analyzer/report/task_block.h"
#include "analyzer/report/task_text.h"
#include "analyzer/report/wait_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kUnwrapped = size_t{1} << 20;  // wide enough for a fact to be one line
constexpr size_t kTextWidth = 80;
constexpr size_t kFindingIndent = 3;  // of what WriteReported() writes

// Lines that begin with a label (task_block.h), as pairs of label and text.
Json FactsOf(absl::string_view lines, size_t indent) {
  Json facts = Json::array();
  for (absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    if (line.size() <= indent) continue;
    const absl::string_view label = absl::StripAsciiWhitespace(line.substr(indent, kLabelWidth));
    const size_t begin = std::min(line.size(), indent + kLabelWidth);
    facts.push_back({std::string(label), std::string(absl::StripAsciiWhitespace(line.substr(begin)))});
  }
  return facts;
}

// The line that WriteTaskHeader() has written, without its layout.
std::string HeaderOf(absl::string_view lines) {
  const absl::string_view line = absl::StripAsciiWhitespace(lines.substr(0, lines.find('\n')));
  const size_t gap = line.find("  ");
  if (gap == absl::string_view::npos) return std::string(line);
  return absl::StrCat(line.substr(0, gap), " ", absl::StripAsciiWhitespace(line.substr(gap)));
}

// Makes the entries of one process.
class Entries {
 public:
  // `base_ns`: when the process began, on the clock of the timeline, if it has one.
  Entries(const ProcessFacts& facts, const std::vector<const Finding*>& findings, const PageOptions& options,
          std::optional<uint64_t> base_ns, Texts& texts, Stacks& stacks, Rows& rows)
      : facts_(facts),
        events_(facts.process, ObjectsWithHistory(facts, findings)),
        options_(options),
        base_ns_(base_ns),
        texts_(texts),
        stacks_(stacks),
        rows_(rows) {}

  Json Of(const Finding& finding, size_t number) {
    const ProcessModel& process = facts_.process;
    Json json;
    json["number"] = number;
    json["id"] = finding.id;
    json["title"] = texts_.Of(finding.title);
    json["explanation"] = texts_.Of(finding.explanation);
    json["confidence"] = ConfidenceText(finding.confidence);
    json["count"] = finding.count;
    json["age_ns"] = AgeOf(finding);
    json["process"] = process.process.pid();
    json["place"] = texts_.Of(PlaceText(finding));
    json["tests"] = texts_.Of(TestsText(finding));
    json["groups"] = GroupsJson(finding.groups);
    json["consequences"] = GroupsJson(finding.consequences);
    for (const auto* groups : {&finding.groups, &finding.consequences}) Mark(*groups, number);
    json["objects"] = Json::array();
    for (uint32_t object : finding.objects) json["objects"].push_back(rows_.Object(process, object));
    json["reported"] = ReportedJson(finding);
    json["schedule"] = ScheduleJson(finding);
    json["policy"] = Json::array();
    for (const std::string& sentence : PolicySentences(finding)) json["policy"].push_back(Printable(sentence));
    json["hidden"] = finding.suppressed ? "suppressed" : finding.known.value_or(false) ? "known" : "";
    json["hidden_by"] = texts_.Of(finding.suppressed_by);
    json["is_new"] = finding.known.has_value() && !*finding.known;
    json["signature"] = finding.signature;
    json["rule"] = texts_.Of(RuleFor(finding));
    json["text"] = TextOf(finding, number);
    return json;
  }

 private:
  static absl::flat_hash_set<uint32_t> ObjectsWithHistory(const ProcessFacts& facts,
                                                          const std::vector<const Finding*>& findings) {
    absl::flat_hash_set<uint32_t> objects;
    for (const Finding* finding : findings) {
      for (const TaskGroup& group : finding->groups) {
        if (!group.tasks.empty() && HistoryHelps(facts.process, facts.holders, group.tasks.front()))
          objects.insert(group.tasks.front().object);
      }
    }
    return objects;
  }

  // Calls `write` with a context whose page is `width` wide; returns what it has written.
  template <typename Write>
  std::string Written(size_t width, const Write& write) {
    Page page(width, false);
    ObjectNames names(facts_.process);
    TaskBlockContext context{facts_.process,
                             page,
                             names,
                             facts_.holders,
                             events_,
                             facts_.peers,
                             options_.source_lines ? &sources_ : nullptr,
                             {},
                             {}};
    write(context);
    return page.Take();
  }

  std::string TextOf(const Finding& finding, size_t number) {
    return Written(kTextWidth, [&](TaskBlockContext& context) {
      WriteFinding(context, number, finding);
      WriteObjects(context);
    });
  }

  Json ReportedJson(const Finding& finding) {
    const std::string lines =
        Written(kUnwrapped, [&](TaskBlockContext& context) { WriteReported(context, finding); });
    return FactsOf(lines, kFindingIndent);
  }

  // Of what was found in a trace: an order of events that gets there, as rows of a table with a column for each
  // task. Null: it has none.
  Json ScheduleJson(const Finding& finding) {
    if (!finding.reported.has_value() || finding.reported->shown->schedule().next().empty()) return nullptr;
    const wire::Schedule& schedule = finding.reported->shown->schedule();
    std::vector<uint32_t> tasks;
    Json json = {{"left_out", schedule.left_out()},
                 {"tasks", Json::array()},
                 {"rows", Json::array()},
                 {"steps", Json::array()}};
    for (const wire::ScheduleStep& step : schedule.next()) {
      tasks.push_back(step.task());
      json["tasks"].push_back(TaskLabel(facts_.process, step.task()));
      json["rows"].push_back(
          facts_.process.FindTask(step.task()) == nullptr ? 0 : rows_.Task(facts_.process, step.task()));
    }
    const auto add = [&](const wire::ScheduleStep& step, bool is_next) {
      const auto column = std::find(tasks.begin(), tasks.end(), step.task());
      if (column == tasks.end()) return;
      json["steps"].push_back(
          {{"column", column - tasks.begin()},
           {"what", Printable(step.what())},
           {"place", texts_.Of(PlaceOfStack(facts_.process, step.stack()))},
           {"time_ns",
            base_ns_.has_value() && step.time_ns() != 0 ? Json(*base_ns_ + step.time_ns()) : Json(nullptr)},
           {"next", is_next}});
    };
    for (const wire::ScheduleStep& step : schedule.steps()) add(step, false);
    for (const wire::ScheduleStep& step : schedule.next()) add(step, true);
    return json;
  }

  std::string PlaceText(const Finding& finding) const {
    const std::optional<FrameView> place = PlaceOf(finding);
    return place.has_value() ? PlaceLabel(*place) : "";
  }

  // How long the oldest of its waits has lasted; null: nothing in it waits.
  static Json AgeOf(const Finding& finding) {
    uint64_t oldest = 0;
    for (const TaskGroup& group : finding.groups) {
      for (const EvidenceTask& task : group.tasks)
        oldest = std::max(oldest, IsWaiting(task) ? task.wait_ns : 0);
    }
    return oldest == 0 ? Json(nullptr) : Json(std::min(oldest, uint64_t{1} << 53));
  }

  void Mark(const std::vector<TaskGroup>& groups, size_t number) {
    for (const TaskGroup& group : groups) {
      for (const EvidenceTask& task : group.tasks) {
        const Number row = rows_.Task(facts_.process, task.task);
        if (row != 0 && number != 0) rows_.SetFinding(row, static_cast<Number>(number));
      }
    }
  }

  Json StackJson(const EvidenceStack& stack) {
    return {{"role", stack.role},
            {"stack", stacks_.OfAddresses(facts_.process, stack.addresses)},
            {"cut", stack.cut},
            {"missing", stack.missing}};
  }

  Json GroupsJson(const std::vector<TaskGroup>& groups) {
    Json all = Json::array();
    for (const TaskGroup& group : groups) {
      if (!group.tasks.empty()) all.push_back(GroupJson(group));
    }
    return all;
  }

  Json GroupJson(const TaskGroup& group) {
    const EvidenceTask& first = group.tasks.front();
    const std::string header = Written(kUnwrapped, [&](TaskBlockContext& c) { WriteTaskHeader(c, group, ""); });
    const std::string facts = Written(kUnwrapped, [&](TaskBlockContext& context) {
      WriteHeld(context, first);
      WriteWanted(context, group);
      WriteHistory(context, first);
      const bool missing = std::any_of(first.stacks.begin(), first.stacks.end(),
                                       [](const EvidenceStack& stack) { return stack.missing; });
      if (missing || !first.recent.empty()) WriteLastDeeds(context, first);
      if (const std::string labels = LabelText(facts_.process, group); !labels.empty())
        WriteLabelled(context, "labels", labels);
    });
    Json json;
    json["header"] = HeaderOf(header);
    json["facts"] = FactsOf(facts, kBlockIndent);
    json["tasks"] = Json::array();
    for (const EvidenceTask& task : group.tasks) {
      // Tasks that a profile only counts, or that a log does not name, have no row.
      if (const Number row = rows_.Task(facts_.process, task.task); row != 0) json["tasks"].push_back(row);
    }
    json["count"] = group.tasks.size();
    json["stacks"] = Json::array();
    for (const EvidenceStack& stack : first.stacks) json["stacks"].push_back(StackJson(stack));
    return json;
  }

  const ProcessFacts& facts_;
  const RecentEvents events_;
  const PageOptions& options_;
  const std::optional<uint64_t> base_ns_;
  Texts& texts_;
  Stacks& stacks_;
  Rows& rows_;
  SourceLines sources_;
};

}  // namespace

Json FindingEntries(const Model& model, const std::vector<Finding>& findings, const PageOptions& options,
                    Texts& texts, Stacks& stacks, Rows& rows) {
  std::vector<const Finding*> all = InReportOrder(findings);
  const size_t shown = all.size();
  for (const Finding& finding : findings) {
    if (!IsShown(finding)) all.push_back(&finding);
  }
  std::map<const ProcessModel*, std::vector<const Finding*>> by_process;
  for (const Finding* finding : all) {
    if (finding->process != nullptr) by_process[finding->process].push_back(finding);
  }
  std::map<const ProcessModel*, Entries> entries;
  const uint64_t zero_ns = TimelineZero(model);
  for (const auto& [process, of_process] : by_process) {
    std::optional<uint64_t> base_ns;
    if (process->timeline.has_value()) base_ns = process->process.start_ns() - zero_ns;
    entries.try_emplace(process, rows.FactsOf(*process), of_process, options, base_ns, texts, stacks, rows);
  }
  Json json = Json::array();
  for (size_t i = 0; i < all.size(); ++i) {
    const auto it = entries.find(all[i]->process);
    if (it != entries.end()) json.push_back(it->second.Of(*all[i], i < shown ? i + 1 : 0));
  }
  return json;
}

}  // namespace stray::analyzer
