// SPDX-License-Identifier: Apache-2.0
// text_report.cc: the report people read. Headline, what is not known, findings, objects, what to open next.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/history_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/policy_text.h"
#include "analyzer/report/report.h"
#include "analyzer/report/task_block.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxRemarks = 20;
constexpr size_t kMaxDumps = 5;
constexpr char kLead[] = "stray: ";

// The findings of one process, most important first.
struct Section {
  const ProcessModel* process = nullptr;
  std::vector<const Finding*> findings;
};

const ProcessModel& ProcessOf(const Finding& finding) {
  static const ProcessModel* const kNone = new ProcessModel;
  return finding.process == nullptr ? *kNone : *finding.process;
}

// In the order in which the processes first occur among the findings.
std::vector<Section> SectionsOf(const std::vector<const Finding*>& findings) {
  std::vector<Section> sections;
  absl::flat_hash_map<const ProcessModel*, size_t> places;
  for (const Finding* finding : findings) {
    const ProcessModel* process = &ProcessOf(*finding);
    auto [it, is_new] = places.try_emplace(process, sections.size());
    if (is_new) sections.push_back({process, {}});
    sections[it->second].findings.push_back(finding);
  }
  return sections;
}

absl::string_view WhenText(absl::string_view reason) {
  if (reason == "exit" || reason == "quick_exit") return "at exit";
  if (reason == "crash") return "when it crashed";
  if (reason == "hang") return "when it hung";
  if (reason == "timeout") return "when its time was up";
  if (reason == "post_mortem") return "when it died";
  if (reason == "test") return "when a test ended";
  if (reason == "listing") return "in it";
  return "at the snapshot";
}

std::string EndText(const wire::Process& process) {
  if (process.fatal_signal() != 0) {
    return absl::StrCat("It died by signal ", process.fatal_signal(), " (", strsignal(process.fatal_signal()),
                        ").");
  }
  if (process.state() == "killed") return "It was killed.";
  if (process.state() == "exited" && process.has_exit_status() && process.exit_status() != 0) {
    return absl::StrCat("It exited with status ", process.exit_status(), ".");
  }
  return "";
}

// "43 tasks at exit, 39 of them in findings. It was killed."
std::string StateText(const Section& section) {
  std::vector<std::string> sentences;
  if (const SnapshotModel* snapshot = section.process->LastSnapshot(); snapshot != nullptr) {
    absl::flat_hash_set<uint32_t> involved;
    for (const Finding* finding : section.findings) {
      for (const std::vector<TaskGroup>* groups : {&finding->groups, &finding->consequences}) {
        for (uint32_t task : TaskIds(*groups)) {
          if (snapshot->Find(task) != nullptr) involved.insert(task);
        }
      }
    }
    const size_t all = snapshot->tasks.size();
    std::string text = absl::StrCat(Counted(all, "task"), " ", WhenText(snapshot->info.reason()));
    if (all > 1 && !involved.empty()) {
      absl::StrAppend(&text, ", ", involved.size() == all ? "all" : absl::StrCat(involved.size()),
                      " of them in findings");
    }
    sentences.push_back(absl::StrCat(text, "."));
  }
  if (std::string end = EndText(section.process->process); !end.empty()) sentences.push_back(std::move(end));
  return absl::StrJoin(sentences, " ");
}

// "cart_test (pid 4711)", "2 of 5 processes".
std::string WhereText(const Model& model, const std::vector<Section>& sections) {
  if (model.processes.size() <= 1) return ProcessName(*sections.front().process);
  if (sections.size() == 1) {
    return absl::StrCat(ProcessName(*sections.front().process), ", one of ", model.processes.size(),
                        " processes");
  }
  return absl::StrCat(sections.size(), " of ", model.processes.size(), " processes");
}

std::string AllProcessesText(const Model& model) {
  if (model.processes.empty()) return "the data";
  const std::string first = ProcessName(*model.processes.front());
  const size_t others = model.processes.size() - 1;
  return others == 0 ? first : absl::StrCat(first, " and ", Counted(others, "other process"));
}

bool HasSites(const Model& model) {
  return std::any_of(model.processes.begin(), model.processes.end(),
                     [](const auto& process) { return !process->profile_sites.empty(); });
}

// "12 tasks, all ended": what there was to find something in.
std::string TasksText(const Model& model) {
  size_t tasks = 0;
  size_t alive = 0;
  for (const auto& process : model.processes) {
    tasks += process->tasks.size();
    const SnapshotModel* snapshot = process->LastSnapshot();
    if (snapshot == nullptr) continue;
    for (const wire::TaskState& state : snapshot->tasks) {
      const wire::Task* task = process->FindTask(state.task());
      const bool ends_program =
          (task != nullptr && task->main()) || state.task() == snapshot->info.exiting_task();
      alive += state.state() != "finished" && !ends_program;
    }
  }
  const std::string count = Counted(tasks, "task");
  const auto is_listed = [](const auto& process) {
    return process->LastSnapshot() != nullptr && IsListing(process->LastSnapshot()->info);
  };
  if (!model.processes.empty() && std::all_of(model.processes.begin(), model.processes.end(), is_listed)) {
    return tasks == 0 && HasSites(model) ? "it counts no tasks"
                                         : absl::StrCat(count, tasks == 1 ? " is" : " are", " listed");
  }
  if (alive != 0) return absl::StrCat(count, ", ", alive, " still alive");
  return tasks <= 1 ? count : absl::StrCat(count, ", all ended");
}

// `said`: the headline ends with the words that introduce what costs findings.
void WriteRemarks(Page& page, const Model& model, bool said) {
  std::vector<DataRemark> remarks = DataRemarks(model);
  // What costs findings stands before what costs detail.
  std::stable_partition(remarks.begin(), remarks.end(),
                        [](const DataRemark& remark) { return remark.incomplete; });
  size_t written = 0;
  for (const DataRemark& remark : remarks) {
    if (written++ == kMaxRemarks) {
      page.Line(0,
                absl::StrCat("  .. and ", remarks.size() - kMaxRemarks, " more (all are in the JSON report)"));
      break;
    }
    const Span lead = !remark.incomplete ? Span{"note: ", Tone::kFaint}
                      : said             ? Span{"- "}
                                         : Span{"data is incomplete: ", Tone::kCaution};
    page.Paragraph(2, lead, remark.text);
  }
}

void WriteNotes(Page& page, const std::vector<Finding>& findings, const ReportOptions& options) {
  absl::flat_hash_set<std::string> rules;
  for (const Finding& finding : findings) {
    if (!finding.suppressed || !rules.insert(finding.suppressed_by).second) continue;
    page.Paragraph(2, {"suppressed: ", Tone::kFaint}, finding.suppressed_by);
  }
  for (const std::string& note : options.notes) page.Paragraph(2, {"note: ", Tone::kFaint}, note);
}

absl::flat_hash_set<uint32_t> ObjectsWithHistory(const Section& section, const LockHolders& holders) {
  absl::flat_hash_set<uint32_t> objects;
  for (const Finding* finding : section.findings) {
    for (const TaskGroup& group : finding->groups) {
      if (!group.tasks.empty() && HistoryHelps(*section.process, holders, group.tasks.front())) {
        objects.insert(group.tasks.front().object);
      }
    }
  }
  return objects;
}

void WriteSection(Page& page, SourceLines* sources, const Section& section, size_t& number) {
  static const SnapshotModel* const kNoSnapshot = new SnapshotModel;
  const SnapshotModel* snapshot = section.process->LastSnapshot();
  const LockHolders holders(*section.process, snapshot == nullptr ? *kNoSnapshot : *snapshot);
  const RecentEvents events(*section.process, ObjectsWithHistory(section, holders));
  ObjectNames names(*section.process);
  const PeerTable peers(*section.process);
  TaskBlockContext context{*section.process, page, names, holders, events, peers, sources, {}, {}};
  for (const Finding* finding : section.findings) WriteFinding(context, ++number, *finding);
  WriteObjects(context);
}

// Commands stand on lines of their own, to be copied.
void WriteDumps(Page& page, const std::vector<std::string>& paths) {
  if (paths.empty()) return;
  page.Blank();
  page.Line(0, {{kLead, Tone::kStrong}, {"all that was recorded is kept; to see this report again:"}});
  for (size_t i = 0; i < std::min(paths.size(), kMaxDumps); ++i) {
    page.Line(TextWidth(kLead), absl::StrCat("stray report ", paths[i]));
  }
  if (paths.size() > kMaxDumps)
    page.Line(TextWidth(kLead), absl::StrCat("and ", paths.size() - kMaxDumps, " more"));
}

// Findings are numbered as in this report only if all that it was made from is named again.
void WriteExplain(Page& page, const std::vector<std::string>& paths, size_t findings) {
  if (paths.empty() || findings == 0) return;
  page.Blank();
  const std::string of = findings == 1 ? "finding 1" : absl::StrCat("finding 1, or 2 to ", findings);
  page.Line(0, {{kLead, Tone::kStrong},
                {absl::StrCat("the evidence for ", findings == 2 ? "finding 1 or 2" : of, ", step by step:")}});
  const bool few = paths.size() <= kMaxDumps;
  page.Line(TextWidth(kLead),
            absl::StrCat("stray explain ", few ? absl::StrJoin(paths, " ") : "DUMP...", " 1"));
}

// Of goroutines, in a trace that the program has recorded: it can be run into that.
bool CanBeConfirmed(const Finding& finding) {
  if (finding.id != "race.predicted" && finding.id != "deadlock.predicted") return false;
  const wire::SanitizerReport& report = *finding.reported->shown;
  return !finding.process->trace_blocks.empty() && !report.tasks().empty() &&
         std::all_of(report.tasks().begin(), report.tasks().end(), [&](uint32_t id) {
           const wire::Task* task = finding.process->FindTask(id);
           return task != nullptr && task->kind() == "goroutine";
         });
}

void WriteConfirm(Page& page, const std::vector<std::string>& paths, const std::vector<const Finding*>& shown) {
  const auto first =
      std::find_if(shown.begin(), shown.end(), [](const Finding* finding) { return CanBeConfirmed(*finding); });
  if (paths.size() != 1 || first == shown.end()) return;
  const size_t number = static_cast<size_t>(first - shown.begin()) + 1;
  page.Blank();
  page.Line(0, {{kLead, Tone::kStrong}, {absl::StrCat("to run the program into finding ", number, ":")}});
  page.Line(TextWidth(kLead), absl::StrCat("stray confirm ", paths[0], " ", number));
}

// "2 findings in cart_test (pid 4711): 1 deadlock, 1 leak."
std::string HeadlineOf(const Model& model, const std::vector<Finding>& all,
                       const std::vector<const Finding*>& shown, const std::vector<Section>& sections) {
  if (!shown.empty()) {
    return absl::StrCat(Counted(shown.size(), "finding"), " in ", WhereText(model, sections), ": ",
                        CategoriesText(shown), ".", HiddenText(all));
  }
  const std::string where = AllProcessesText(model);
  return IsIncomplete(model) ? absl::StrCat("nothing found in ", where, ", but data is incomplete:")
                             : absl::StrCat(HasKnown(all) ? "no new findings in " : "no findings in ", where,
                                            ": ", TasksText(model), ".", HiddenText(all));
}

void WriteHeadline(Page& page, const Model& model, const std::vector<Finding>& all,
                   const std::vector<const Finding*>& shown, const std::vector<Section>& sections) {
  page.Paragraph(0, {kLead, Tone::kStrong}, HeadlineOf(model, all, shown, sections),
                 shown.empty() ? Tone::kPlain : Tone::kStrong);
  if (sections.size() == 1) page.Paragraph(TextWidth(kLead), StateText(sections.front()));
}

}  // namespace

std::vector<const Finding*> InReportOrder(const std::vector<Finding>& findings) {
  std::vector<const Finding*> shown;
  for (const Finding& finding : findings) {
    if (IsShown(finding)) shown.push_back(&finding);
  }
  std::vector<const Finding*> ordered;
  for (const Section& section : SectionsOf(shown))
    ordered.insert(ordered.end(), section.findings.begin(), section.findings.end());
  return ordered;
}

std::string Headline(const Model& model, const std::vector<Finding>& findings) {
  const std::vector<const Finding*> shown = InReportOrder(findings);
  std::string text = HeadlineOf(model, findings, shown, SectionsOf(shown));
  if (text.back() == ':') text.back() = '.';
  return Printable(text);
}

std::string FindingReport(const Finding& finding, const ReportOptions& options) {
  Page page(options.width, options.color);
  SourceLines sources;
  size_t before = SIZE_MAX;  // so that its number is 0
  WriteSection(page, options.source_lines ? &sources : nullptr, {&ProcessOf(finding), {&finding}}, before);
  return page.Take();
}

std::string TextReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options) {
  const std::vector<const Finding*> shown = InReportOrder(findings);
  Page page(options.width, options.color);
  SourceLines sources;
  SourceLines* sources_if_wanted = options.source_lines ? &sources : nullptr;
  const std::vector<Section> sections = SectionsOf(shown);
  WriteHeadline(page, model, findings, shown, sections);
  WriteRemarks(page, model, shown.empty());
  WriteNotes(page, findings, options);
  size_t number = 0;
  for (const Section& section : sections) {
    if (sections.size() > 1) {
      page.Blank();
      page.Paragraph(0, absl::StrCat(ProcessName(*section.process), ": ", StateText(section)), Tone::kStrong);
    }
    WriteSection(page, sources_if_wanted, section, number);
  }
  WriteDumps(page, options.dump_paths);
  const std::vector<std::string>& paths = options.dump_paths.empty() ? options.read_paths : options.dump_paths;
  WriteExplain(page, paths, shown.size());
  WriteConfirm(page, paths, shown);
  return page.Take();
}

}  // namespace stray::analyzer
