// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/finding_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/report/page.h"
#include "analyzer/report/policy_text.h"
#include "analyzer/report/race_text.h"
#include "analyzer/report/schedule_text.h"
#include "analyzer/report/task_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kIndent = 3;
constexpr size_t kMaxGroups = 40;
constexpr size_t kMaxFullGroups = 12;
constexpr size_t kMaxConsequences = 12;  // groups of them
constexpr size_t kMaxObjects = 30;

std::string TimesText(uint64_t count) { return count == 1 ? "once" : absl::StrCat(count, " times"); }

void WriteHeader(Page& page, size_t number, const Finding& finding) {
  const Tone tone = finding.confidence == Confidence::kProved ? Tone::kAlarm : Tone::kCaution;
  const std::string lead = PadRight(number == 0 ? "" : absl::StrCat(number), kIndent - 1) + " ";
  const std::string middle = absl::StrCat("  ", ConfidenceText(finding.confidence));
  const std::string times = TimesText(finding.count);
  const size_t used = TextWidth(lead) + TextWidth(finding.id) + TextWidth(middle) + TextWidth(times);
  const size_t gap = page.width() > used + 2 ? page.width() - used : 2;
  page.Line(0, {{lead, Tone::kStrong}, {finding.id, tone}, {middle}, {std::string(gap, ' ')}, {times}});
}

// The title, unless the explanation begins with the same words.
void WriteWords(Page& page, const Finding& finding) {
  if (!finding.title.empty() && !absl::StartsWithIgnoreCase(finding.explanation, finding.title)) {
    page.Paragraph(kIndent, finding.title, Tone::kStrong);
  }
  if (!finding.explanation.empty()) page.Paragraph(kIndent, finding.explanation);
  for (const std::string& sentence : PolicySentences(finding))
    page.Paragraph(kIndent, sentence, Tone::kCaution);
}

// Lists of everything are read to get an overview; proofs are read frame by frame.
TaskStyle StyleOf(const Finding& finding) {
  const bool is_list = absl::StartsWith(finding.id, "hang.") || finding.groups.size() > kMaxFullGroups;
  return is_list ? TaskStyle::kCompact : TaskStyle::kFull;
}

// The number of the finding that shows the task of `group` in full, or 0.
size_t ToldIn(const TaskBlockContext& context, const TaskGroup& group) {
  if (group.tasks.size() != 1 || !IsWaiting(group.tasks.front())) return 0;
  auto told = context.told.find(group.tasks.front().task);
  return told == context.told.end() ? 0 : told->second;
}

void WriteGroup(TaskBlockContext& context, size_t number, const TaskGroup& group, TaskStyle style) {
  if (const size_t told = ToldIn(context, group); told != 0) {
    WriteTaskHeader(context, group, absl::StrCat(", see ", told));
    return;
  }
  WriteTaskGroup(context, group, style);
  const EvidenceTask& task = group.tasks.front();
  if (style == TaskStyle::kFull && IsWaiting(task)) context.told.emplace(task.task, number);
}

void WriteGroups(TaskBlockContext& context, size_t number, const Finding& finding) {
  const size_t shown = std::min(finding.groups.size(), kMaxGroups);
  bool told_before = false;  // one-liners stand together
  for (size_t i = 0; i < shown; ++i) {
    const TaskGroup& group = finding.groups[i];
    if (group.tasks.empty()) continue;
    const bool told = ToldIn(context, group) != 0;
    if (!told || !told_before) context.page.Blank();
    WriteGroup(context, number, group, StyleOf(finding));
    told_before = told;
  }
  if (shown == finding.groups.size()) return;
  size_t tasks = 0;
  for (size_t i = shown; i < finding.groups.size(); ++i) tasks += finding.groups[i].tasks.size();
  context.page.Blank();
  context.page.Line(kIndent, absl::StrCat(".. and ", Counted(tasks, "task"), " in ",
                                          Counted(finding.groups.size() - shown, "more group"),
                                          " (all are in the JSON report)"));
}

// Compactly: what they wait for is what matters, and the cause is told above.
void WriteConsequences(TaskBlockContext& context, const Finding& finding) {
  if (finding.consequences.empty()) return;
  const std::vector<uint32_t> tasks = TaskIds(finding.consequences);
  context.page.Blank();
  context.page.Line(kIndent,
                    absl::StrCat("as a consequence, blocked for ever as well: ",
                                 Counted(tasks.size(), TaskNoun(context.process, tasks))),
                    Tone::kStrong);
  const size_t shown = std::min(finding.consequences.size(), kMaxConsequences);
  for (size_t i = 0; i < shown; ++i) WriteTaskGroup(context, finding.consequences[i], TaskStyle::kCompact);
  if (shown == finding.consequences.size()) return;
  size_t left = 0;
  for (size_t i = shown; i < finding.consequences.size(); ++i) left += finding.consequences[i].tasks.size();
  context.page.Line(kIndent, absl::StrCat(".. and ", Counted(left, "task"), " in ",
                                          Counted(finding.consequences.size() - shown, "more group"),
                                          " (all are in the JSON report)"));
}

// The word of the headline for a finding id.
absl::string_view CategoryOf(absl::string_view id) {
  constexpr std::pair<absl::string_view, absl::string_view> kCategories[] = {
      {"deadlock.", "deadlock"},     {"hang.", "timeout"},   {"leak.", "leak"},
      {"lock-order.", "lock order"}, {"race.", "data race"}, {"channel.", "misuse"},
      {"wait-group.", "misuse"},
  };
  for (const auto& [prefix, noun] : kCategories) {
    if (absl::StartsWith(id, prefix)) return noun;
  }
  return absl::EndsWith(id, ".misuse") ? "misuse" : "other";
}

size_t TaskCount(const Finding& finding) {
  size_t tasks = TaskIds(finding.consequences).size();
  for (const TaskGroup& group : finding.groups) tasks += group.tasks.size();
  return tasks;
}

}  // namespace

std::string ConfidenceText(Confidence confidence) {
  switch (confidence) {
    case Confidence::kProved:
      return "proved";
    case Confidence::kLikely:
      return "likely";
    case Confidence::kHeuristic:
      return "heuristic";
  }
  return "";
}

std::string ObjectFacts(const ProcessModel& process, const wire::Object& object) {
  std::vector<std::string> facts;
  auto say = [&facts](bool holds, const char* words) {
    if (holds) facts.push_back(words);
  };
  say(object.recursive(), "recursive");
  say(object.robust(), "robust");
  say(object.error_check(), "error-checking");
  say(object.shared(), "shared with other processes");
  say(object.on_stack(), "on a stack");
  say(object.destroyed(), "destroyed since");
  const std::string site = PlaceLabel(process, object.first_site());
  if (!site.empty())
    facts.push_back(absl::StrCat("first ", IsLockKind(object.kind()) ? "locked" : "used", " at ", site));
  return absl::StrJoin(facts, ", ");
}

void WriteFinding(TaskBlockContext& context, size_t number, const Finding& finding) {
  context.introduced.clear();
  context.page.Blank();
  WriteHeader(context.page, number, finding);
  WriteWords(context.page, finding);
  for (uint32_t object : finding.objects) {
    if (absl::StrContains(finding.explanation, ObjectLabel(context.process, object)))
      context.names.Short(object);
  }
  WriteGroups(context, number, finding);
  WriteConsequences(context, finding);
  WriteReported(context, finding);
  if (finding.reported.has_value()) WriteSchedule(context, finding.reported->shown->schedule());
}

void WriteObjects(TaskBlockContext& context) {
  const std::vector<uint32_t> objects = context.names.mentioned();
  if (objects.empty()) return;
  const size_t shown = std::min(objects.size(), kMaxObjects);
  size_t column = 0;
  for (size_t i = 0; i < shown; ++i) column = std::max(column, TextWidth(context.names.Short(objects[i])));
  column = std::min<size_t>(column, 24);
  context.page.Blank();
  context.page.Line(0, "objects", Tone::kStrong);
  for (size_t i = 0; i < shown; ++i) {
    const wire::Object* object = context.process.FindObject(objects[i]);
    if (object == nullptr) continue;
    const std::string facts = ObjectFacts(context.process, *object);
    context.page.Paragraph(
        kIndent, {absl::StrCat(PadRight(context.names.Short(objects[i]), column), "  ")},
        absl::StrCat(object->kind(),
                     object->address() == 0 ? "" : absl::StrCat(" at 0x", absl::Hex(object->address())),
                     facts.empty() ? "" : ", ", facts));
  }
  if (shown < objects.size()) {
    context.page.Line(kIndent,
                      absl::StrCat(".. and ", objects.size() - shown, " more (all are in the JSON report)"));
  }
}

std::string CategoriesText(const std::vector<const Finding*>& findings) {
  struct Tally {
    absl::string_view noun;
    size_t findings = 0;
    size_t tasks = 0;
  };
  std::vector<Tally> tallies;  // in the order of the findings: the most important category first
  for (const Finding* finding : findings) {
    const absl::string_view noun = CategoryOf(finding->id);
    auto tally =
        std::find_if(tallies.begin(), tallies.end(), [&](const Tally& other) { return other.noun == noun; });
    if (tally == tallies.end()) tally = tallies.insert(tallies.end(), Tally{noun});
    ++tally->findings;
    tally->tasks += TaskCount(*finding);
  }
  std::vector<std::string> parts;
  for (const Tally& tally : tallies) {
    std::string part = Counted(tally.findings, tally.noun);
    if (tally.noun == "leak" && tally.tasks > tally.findings)
      absl::StrAppend(&part, " (", tally.tasks, " tasks)");
    parts.push_back(std::move(part));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace stray::analyzer
