// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/table.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"

namespace stray::analyzer {
namespace {

constexpr size_t kNumberWidth = 7, kAgeWidth = 7, kAgesWidth = 15, kReasonWidth = 18, kNameWidth = 16;
constexpr size_t kWide = 100;  // cells of a screen that has room for more

std::string AgeText(uint64_t ns) { return ns == 0 ? "" : DurationText(ns); }

bool HasSeveralProcesses(const Picture& picture) { return picture.model.processes.size() > 1; }

// Whether each word of the pool has the pattern: asked once, not for each task.
std::vector<bool> WordsWith(const Picture& picture, const Pattern& pattern) {
  std::vector<bool> have(picture.words.size());
  for (uint32_t number = 0; number < picture.words.size(); ++number)
    have[number] = pattern.IsIn(picture.words[number]);
  return have;
}

bool TaskHas(const TaskRow& row, const std::vector<bool>& words, const Pattern& pattern) {
  return std::any_of(row.facets.begin(), row.facets.end(), [&](uint32_t number) { return words[number]; }) ||
         pattern.IsIn(row.name);
}

// The tasks that filter and `within` leave.
std::vector<uint32_t> ChosenTasks(const Picture& picture, const TableSettings& settings, bool is_within) {
  const Pattern pattern(settings.filter);
  const std::vector<bool> words = pattern.empty() ? std::vector<bool>() : WordsWith(picture, pattern);
  const bool limits = is_within && settings.within.has_value();
  std::vector<uint32_t> chosen;
  for (uint32_t i = 0; i < picture.tasks.size(); ++i) {
    const TaskRow& row = picture.tasks[i];
    if (!pattern.empty() && !TaskHas(row, words, pattern)) continue;
    if (limits && picture.words[row.Of(settings.within->facet)] != settings.within->text) continue;
    chosen.push_back(i);
  }
  return chosen;
}

std::vector<uint32_t> All(size_t size) {
  std::vector<uint32_t> rows(size);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

template <typename Less>
void Sort(Table& table, bool reversed, Less less) {
  std::stable_sort(table.rows.begin(), table.rows.end(), less);
  if (reversed) std::reverse(table.rows.begin(), table.rows.end());
}

void FillGroups(const Picture& picture, const TableSettings& settings, const PictureCounts* before,
                Table& table) {
  std::vector<uint32_t> places(picture.words.size(), UINT32_MAX);
  for (const uint32_t i : ChosenTasks(picture, settings, /*is_within=*/false)) {
    const TaskRow& row = picture.tasks[i];
    uint32_t& place = places[row.Of(table.facet)];
    if (place == UINT32_MAX) {
      place = static_cast<uint32_t>(table.groups.size());
      table.groups.push_back({.text = row.Of(table.facet), .newest_ns = UINT64_MAX});
    }
    GroupRow& group = table.groups[place];
    ++group.tasks;
    if (row.wait_ns == 0) continue;
    ++group.blocked;
    group.oldest_ns = std::max(group.oldest_ns, row.wait_ns);
    group.newest_ns = std::min(group.newest_ns, row.wait_ns);
  }
  for (GroupRow& group : table.groups) {
    if (before == nullptr) break;
    const std::string& text = picture.words[group.text];
    const uint64_t then = before->Of(table.facet, text), now = picture.counts.Of(table.facet, text);
    group.grown = static_cast<int64_t>(now) - static_cast<int64_t>(then);
    group.is_new = then == 0;
  }
  table.rows = All(table.groups.size());
  const auto& groups = table.groups;
  const auto by_size = [&](uint32_t a, uint32_t b) { return groups[a].tasks > groups[b].tasks; };
  const auto by_age = [&](uint32_t a, uint32_t b) { return groups[a].oldest_ns > groups[b].oldest_ns; };
  const auto by_growth = [&](uint32_t a, uint32_t b) { return groups[a].grown > groups[b].grown; };
  const auto by_text = [&](uint32_t a, uint32_t b) {
    return picture.words[groups[a].text] < picture.words[groups[b].text];
  };
  Sort(table, false, by_text);  // so that equal ones do not change places
  using Less = std::function<bool(uint32_t, uint32_t)>;
  const Less orders[] = {by_size, by_age, by_growth, by_text};
  Sort(table, settings.reversed, orders[settings.sort]);
}

void FillTasks(const Picture& picture, const TableSettings& settings, Table& table) {
  table.rows = ChosenTasks(picture, settings, /*is_within=*/true);
  const auto& tasks = picture.tasks;
  const auto by_facet = [&](Facet facet) {
    return [&, facet](uint32_t a, uint32_t b) {
      return picture.words[tasks[a].Of(facet)] < picture.words[tasks[b].Of(facet)];
    };
  };
  const auto by_age = [&](uint32_t a, uint32_t b) { return tasks[a].wait_ns > tasks[b].wait_ns; };
  const auto by_number = [&](uint32_t a, uint32_t b) { return tasks[a].task < tasks[b].task; };
  using Less = std::function<bool(uint32_t, uint32_t)>;
  const Less orders[] = {by_age, by_number, by_facet(Facet::kState), by_facet(Facet::kReason),
                         by_facet(Facet::kSite)};
  Sort(table, settings.reversed, orders[settings.sort]);
}

// Those with the text, and those that a task with the text waits for.
void FillObjects(const Picture& picture, const TableSettings& settings, Table& table) {
  const Pattern pattern(settings.filter);
  std::vector<bool> awaited(picture.words.size());
  for (const uint32_t task : ChosenTasks(picture, settings, /*is_within=*/false))
    awaited[picture.tasks[task].Of(Facet::kObject)] = true;
  for (uint32_t i = 0; i < picture.objects.size(); ++i) {
    const ObjectRow& row = picture.objects[i];
    if (pattern.empty() || pattern.IsIn(row.name) || pattern.IsIn(row.kind) || pattern.IsIn(row.state) ||
        (row.label != 0 && awaited[row.label])) {
      table.rows.push_back(i);
    }
  }
  const auto& objects = picture.objects;
  const auto by_waiters = [&](uint32_t a, uint32_t b) { return objects[a].waiters > objects[b].waiters; };
  const auto by_age = [&](uint32_t a, uint32_t b) { return objects[a].oldest_ns > objects[b].oldest_ns; };
  const auto by_kind = [&](uint32_t a, uint32_t b) { return objects[a].kind < objects[b].kind; };
  const auto by_name = [&](uint32_t a, uint32_t b) { return objects[a].name < objects[b].name; };
  using Less = std::function<bool(uint32_t, uint32_t)>;
  const Less orders[] = {by_waiters, by_age, by_kind, by_name};
  Sort(table, settings.reversed, orders[settings.sort]);
}

using TaskKeys = absl::flat_hash_set<std::pair<const ProcessModel*, uint32_t>>;

bool FindingHas(const Finding& finding, const Pattern& pattern, const TaskKeys& tasks) {
  if (pattern.IsIn(finding.id) || pattern.IsIn(finding.title) || pattern.IsIn(finding.explanation)) return true;
  for (const std::vector<TaskGroup>* groups : {&finding.groups, &finding.consequences}) {
    for (const TaskGroup& group : *groups) {
      for (const EvidenceTask& task : group.tasks) {
        if (tasks.contains({finding.process, task.task})) return true;
      }
    }
  }
  return false;
}

// Those with the text, and those that have to do with a task with the text.
void FillFindings(const Picture& picture, const TableSettings& settings, Table& table) {
  const Pattern pattern(settings.filter);
  TaskKeys tasks;
  if (!pattern.empty()) {
    for (const uint32_t i : ChosenTasks(picture, settings, /*is_within=*/false))
      tasks.insert({picture.tasks[i].process, picture.tasks[i].task});
  }
  for (uint32_t i = 0; i < picture.findings.size(); ++i) {
    if (pattern.empty() || FindingHas(*picture.findings[i].finding, pattern, tasks)) table.rows.push_back(i);
  }
  const auto& findings = picture.findings;
  const auto by_importance = [](uint32_t a, uint32_t b) { return a < b; };
  const auto by_tasks = [&](uint32_t a, uint32_t b) { return findings[a].tasks > findings[b].tasks; };
  const auto by_age = [&](uint32_t a, uint32_t b) { return findings[a].oldest_ns > findings[b].oldest_ns; };
  using Less = std::function<bool(uint32_t, uint32_t)>;
  const Less orders[] = {by_importance, by_tasks, by_age};
  Sort(table, settings.reversed, orders[settings.sort]);
}

std::string OrNone(const std::string& text) { return text.empty() ? "(none)" : text; }

std::string GrowthText(const GroupRow& group) {
  if (group.is_new) return "new";
  return group.grown > 0 ? absl::StrCat("+", group.grown) : group.grown < 0 ? absl::StrCat(group.grown) : "";
}

std::string AgesText(const GroupRow& group) {
  return group.blocked == 0 ? "" : DurationRangeText(group.newest_ns, group.oldest_ns);
}

std::vector<std::string> FindingCells(const FindingRow& row, bool several, bool has_before,
                                      const PictureCounts* before) {
  const Finding& finding = *row.finding;
  const bool is_new = before != nullptr && !before->findings.contains(finding.signature);
  std::vector<std::string> cells = {row.number == 0 ? "-" : absl::StrCat(row.number), Printable(finding.id),
                                    row.number == 0 ? "excused" : ConfidenceText(finding.confidence),
                                    absl::StrCat(row.tasks), AgeText(row.oldest_ns)};
  if (has_before) cells.push_back(is_new ? "new" : "");
  if (several) cells.push_back(finding.process == nullptr ? "" : Printable(ProcessName(*finding.process)));
  cells.push_back(Printable(finding.title.empty() ? finding.explanation : finding.title));
  return cells;
}

}  // namespace

absl::string_view TabTitle(Tab tab) {
  constexpr absl::string_view kTitles[kTabs] = {"Findings", "Groups", "Tasks", "Objects"};
  return kTitles[static_cast<size_t>(tab)];
}

Pattern::Pattern(const std::string& text)
    : text_(text), ignores_case_(std::none_of(text.begin(), text.end(), absl::ascii_isupper)) {}

bool Pattern::IsIn(absl::string_view text) const {
  if (!ignores_case_) return absl::StrContains(text, text_);
  const auto same = [](char a, char b) { return absl::ascii_tolower(a) == b; };
  return std::search(text.begin(), text.end(), text_.begin(), text_.end(), same) != text.end() || text_.empty();
}

std::vector<absl::string_view> SortNames(Tab tab) {
  switch (tab) {
    case Tab::kFindings:
      return {"importance", "tasks", "age"};
    case Tab::kGroups:
      return {"tasks", "age", "growth", "name"};
    case Tab::kTasks:
      return {"age", "number", "state", "reason", "place"};
    case Tab::kObjects:
      return {"waiters", "age", "kind", "name"};
  }
  return {};
}

Table MakeTable(const Picture& picture, Tab tab, const TableSettings& settings, const PictureCounts* before) {
  Table table;
  table.tab = tab;
  table.facet = settings.facet;
  table.has_before = before != nullptr;
  if (tab == Tab::kFindings) FillFindings(picture, settings, table);
  if (tab == Tab::kGroups) FillGroups(picture, settings, before, table);
  if (tab == Tab::kTasks) FillTasks(picture, settings, table);
  if (tab == Tab::kObjects) FillObjects(picture, settings, table);
  return table;
}

std::vector<Column> ColumnsOf(const Picture& picture, const Table& table) {
  const Column process = {"process", kNameWidth, false, kWide};
  std::vector<Column> columns;
  switch (table.tab) {
    case Tab::kFindings:
      columns = {{"", 2, true}, {"finding", 15}, {"", 9}, {"tasks", 6, true}, {"age", kAgeWidth, true}};
      if (table.has_before) columns.push_back({"", 3});
      if (HasSeveralProcesses(picture)) columns.push_back(process);
      columns.push_back({"what"});
      return columns;
    case Tab::kGroups:
      columns = {{"tasks", kNumberWidth, true}, {"waiting for", kAgesWidth, true}};
      if (table.has_before) columns.push_back({"change", kNumberWidth, true});
      columns.push_back({std::string(FacetTitle(table.facet))});
      return columns;
    case Tab::kTasks:
      columns = {{"task", kNameWidth},
                 {"age", kAgeWidth, true},
                 {"does", kReasonWidth},
                 {"finding", 15, false, kWide}};
      if (HasSeveralProcesses(picture)) columns.push_back(process);
      columns.push_back({"where it stands"});
      return columns;
    case Tab::kObjects:
      columns = {
          {"object", kNameWidth}, {"kind", 10}, {"waiting", kNumberWidth, true}, {"age", kAgeWidth, true}};
      if (HasSeveralProcesses(picture)) columns.push_back(process);
      columns.push_back({"state"});
      return columns;
  }
  return columns;
}

std::vector<std::string> CellsOf(const Picture& picture, const Table& table, size_t row,
                                 const PictureCounts* before) {
  const uint32_t number = table.rows[row];
  const bool several = HasSeveralProcesses(picture);
  if (table.tab == Tab::kFindings)
    return FindingCells(picture.findings[number], several, table.has_before, before);
  if (table.tab == Tab::kGroups) {
    const GroupRow& group = table.groups[number];
    std::vector<std::string> cells = {absl::StrCat(group.tasks), AgesText(group)};
    if (table.has_before) cells.push_back(GrowthText(group));
    cells.push_back(OrNone(picture.words[group.text]));
    return cells;
  }
  if (table.tab == Tab::kTasks) {
    const TaskRow& task = picture.tasks[number];
    std::vector<std::string> cells = {task.name, AgeText(task.wait_ns), picture.words[task.Of(Facet::kReason)],
                                      picture.words[task.Of(Facet::kFinding)]};
    if (several) cells.push_back(picture.words[task.Of(Facet::kProcess)]);
    cells.push_back(picture.words[task.Of(Facet::kSite)]);
    return cells;
  }
  const ObjectRow& object = picture.objects[number];
  std::vector<std::string> cells = {object.name, object.kind,
                                    object.waiters == 0 ? "" : absl::StrCat(object.waiters),
                                    AgeText(object.oldest_ns)};
  if (several) cells.push_back(Printable(ProcessName(*object.process)));
  cells.push_back(object.state);
  return cells;
}

Tone ToneOf(const Picture& picture, const Table& table, size_t row) {
  const uint32_t number = table.rows[row];
  if (table.tab == Tab::kFindings) {
    const FindingRow& finding = picture.findings[number];
    if (finding.number == 0) return Tone::kFaint;
    return finding.finding->confidence == Confidence::kProved ? Tone::kAlarm : Tone::kCaution;
  }
  if (table.tab == Tab::kGroups) {
    const GroupRow& group = table.groups[number];
    return table.has_before && (group.is_new || group.grown > 0) ? Tone::kStrong : Tone::kPlain;
  }
  if (table.tab == Tab::kTasks) {
    const TaskRow& task = picture.tasks[number];
    return task.Of(Facet::kFinding) != 0 ? Tone::kAlarm : Tone::kPlain;
  }
  return Tone::kPlain;
}

std::string KeyOf(const Picture& picture, const Table& table, size_t row) {
  const uint32_t number = table.rows[row];
  const auto of = [](uint32_t process, uint32_t id) { return absl::StrCat(process, ":", id); };
  switch (table.tab) {
    case Tab::kFindings:
      return absl::StrCat(picture.findings[number].finding->signature, ":", picture.findings[number].repeat);
    case Tab::kGroups:
      return picture.words[table.groups[number].text];
    case Tab::kTasks:
      return of(picture.tasks[number].process_index, picture.tasks[number].task);
    case Tab::kObjects:
      return of(picture.objects[number].process_index, picture.objects[number].object);
  }
  return "";
}

std::optional<size_t> FindKey(const Picture& picture, const Table& table, absl::string_view key) {
  for (size_t row = 0; row < table.rows.size(); ++row) {
    if (KeyOf(picture, table, row) == key) return row;
  }
  return std::nullopt;
}

bool RowHas(const Picture& picture, const Table& table, size_t row, const Pattern& pattern) {
  if (table.tab == Tab::kTasks) {  // there may be many, and their texts are long
    const TaskRow& task = picture.tasks[table.rows[row]];
    return pattern.IsIn(task.name) || pattern.IsIn(picture.words[task.Of(Facet::kReason)]) ||
           pattern.IsIn(picture.words[task.Of(Facet::kFinding)]) ||
           pattern.IsIn(picture.words[task.Of(Facet::kSite)]);
  }
  const std::vector<std::string> cells = CellsOf(picture, table, row, nullptr);
  return std::any_of(cells.begin(), cells.end(), [&](const std::string& cell) { return pattern.IsIn(cell); });
}

}  // namespace stray::analyzer
