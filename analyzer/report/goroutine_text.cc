// SPDX-License-Identifier: Apache-2.0
// goroutine_text.cc: tasks as Go prints goroutines with debug=2, in a traceback, or for SIGQUIT.
//
//   # G7 "worker" waits 3 min for channel Ch2
//   goroutine 7 [chan send (leaked), 3 minutes] {request: 42, test: CartTest.Flush}:
//   FetchPrice(...)
//   	/src/prices.cc:55
//   created by Quote in goroutine 1
//   	/src/prices.cc:30
//
// What Go has no word for stands in lines between the blocks, which parsers skip; labels stand where Go 1.27
// has them. Older parsers know neither: both can be left out.
//
// Threads are "locked to thread". In a program with goroutines their numbers would clash with those of
// goroutines, so there they have 2^30 added.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/quoted_text.h"
#include "analyzer/report/stack_memo.h"
#include "analyzer/report/task_profile.h"
#include "analyzer/report/task_stack.h"
#include "analyzer/report/task_verdicts.h"

namespace stray::analyzer {
namespace {

constexpr uint64_t kMinute = 60'000'000'000;

bool IsThread(const ProcessModel& process, uint32_t task) {
  const wire::Task* record = process.FindTask(task);
  return task < box::kFirstGoroutine &&
         (record == nullptr || record->kind() == "thread" || record->kind().empty());
}

bool HasGoroutines(const ProcessModel& process) {
  if (process.process.runtime()) return true;
  for (const wire::Task& task : process.tasks) {
    if (!IsThread(process, task.id())) return true;
  }
  return false;
}

// A status ends at a comma or bracket.
std::string StatusWord(absl::string_view text) {
  return absl::StrReplaceAll(Printable(text), {{",", ";"}, {"[", "("}, {"]", ")"}});
}

std::string FunctionLine(absl::string_view name) { return absl::StrCat(Printable(name), "(...)\n"); }

// The offset is that of the instruction in the module, where there is no line to say it better.
std::string PlaceLine(const FrameView& view) {
  if (view.location != nullptr && !view.location->file().empty())
    return absl::StrCat("\t", Printable(view.location->file()), ":", view.location->line(), "\n");
  if (view.module == nullptr) return "\t??:0\n";
  return absl::StrCat("\t", Printable(view.module->path()), ":0 +0x", absl::Hex(view.offset), "\n");
}

// The tasks of one process.
class GoroutineWriter {
 public:
  GoroutineWriter(const ProcessModel& process, const SnapshotModel& snapshot, const TaskVerdicts& verdicts,
                  bool labels, bool several)
      : process_(process),
        snapshot_(snapshot),
        verdicts_(verdicts),
        holders_(process, snapshot),
        labels_(labels),
        several_(several),
        has_goroutines_(HasGoroutines(process)) {}

  std::string Write() const {
    std::string text;
    for (const wire::TaskState& state : snapshot_.tasks) {
      if (state.state() == "finished") continue;
      if (labels_) absl::StrAppend(&text, "# ", Printable(Remark(state)), "\n");
      absl::StrAppend(&text, Header(state), Frames(state), CreatedBy(state.task()), "\n");
    }
    return text;
  }

 private:
  uint64_t NumberOf(uint32_t task) const {
    if (!IsThread(process_, task)) return task % box::kFirstGoroutine;
    return has_goroutines_ ? uint64_t{box::kFirstGoroutine} + task : task;
  }

  std::string Header(const wire::TaskState& state) const {
    const bool blocked = state.state() == "blocked";
    std::string status =
        StatusWord(blocked && !state.wait_reason().empty() ? state.wait_reason() : state.state());
    if (status.empty()) status = "???";  // as Go says it of a status that it does not know
    if (verdicts_.Of(process_, state.task()).stuck) absl::StrAppend(&status, " (leaked)");
    if (blocked && state.wait_ns() >= kMinute)
      absl::StrAppend(&status, ", ", state.wait_ns() / kMinute, " minutes");
    if (IsThread(process_, state.task())) absl::StrAppend(&status, ", locked to thread");
    return absl::StrCat("goroutine ", NumberOf(state.task()), " [", status, "]", Labels(state.task()), ":\n");
  }

  std::string Labels(uint32_t task) const {
    if (!labels_) return "";
    std::map<std::string, std::string> labels;
    for (const wire::Label* label : process_.LabelsOf(task)) labels[label->key()] = label->value();
    const wire::Task* record = process_.FindTask(task);
    if (record != nullptr && !record->test().empty()) labels["test"] = record->test();
    if (several_) labels["process"] = ProcessName(process_);
    if (labels.empty()) return "";
    return absl::StrCat(" {",
                        absl::StrJoin(labels, ", ",
                                      [](std::string* out, const auto& label) {
                                        absl::StrAppend(out, QuotedIfNeeded(label.first), ": ",
                                                        QuotedIfNeeded(label.second));
                                      }),
                        "}");
  }

  std::string HolderText(const wire::TaskState& state) const {
    std::vector<uint32_t> tasks;
    for (const LockHolders::Holder& holder : holders_.HoldersOf(state.object()))
      tasks.push_back(snapshot_.tasks[holder.index].task());
    if (!tasks.empty()) return absl::StrCat(", held by ", TaskList(process_, tasks));
    const uint32_t ended = holders_.EndedHolder(state.object()).task;
    return ended == 0 ? "" : absl::StrCat(", held by ", TaskLabel(process_, ended), ", which has ended");
  }

  // "T2 "flusher" waits 2.1 s for mutex M3, held by T3 "writer"; deadlock.cycle; holds mutex M2"
  std::string Remark(const wire::TaskState& state) const {
    std::string text = TaskLabel(process_, state.task());
    if (state.state() == "blocked") {
      absl::StrAppend(&text, " waits",
                      state.wait_ns() == 0 ? "" : absl::StrCat(" ", DurationText(state.wait_ns())));
      if (state.object() != 0) absl::StrAppend(&text, " for ", ObjectLabel(process_, state.object()));
      if (WaitOf(process_, state).waker == Waker::kHolder) absl::StrAppend(&text, HolderText(state));
      if (state.waits_for_task() != 0) {
        absl::StrAppend(&text, " for the end of ", TaskLabel(process_, state.waits_for_task()));
      } else if (state.object() == 0) {
        absl::StrAppend(&text, " in ", state.wait_reason());
      }
    } else {
      absl::StrAppend(&text, " is ", state.state(), state.signal_blocked() ? "; last known place" : "");
    }
    const TaskVerdict& verdict = verdicts_.Of(process_, state.task());
    if (!verdict.id.empty()) absl::StrAppend(&text, "; ", verdict.id);
    std::vector<std::string> held;
    for (const wire::Held& one : state.held()) held.push_back(ObjectLabel(process_, one.object()));
    if (!held.empty()) absl::StrAppend(&text, "; holds ", JoinedWithAnd(held));
    return text;
  }

  std::string Frames(const wire::TaskState& state) const {
    const bool is_whole = process_.FindStack(state.stack()) != nullptr;
    const std::string text =
        is_whole ? stacks_.Of(state.stack(), [&] { return StackText(state); }) : StackText(state);
    if (!text.empty()) return text;
    // Of a blocked task at least the call is known.
    if (state.state() == "blocked" && !state.wait_reason().empty())
      return absl::StrCat(FunctionLine(CallOf(state)), "\t??:0\n");
    return "\tgoroutine running on other thread; stack unavailable\n";
  }

  std::string StackText(const wire::TaskState& state) const {
    const EvidenceStack stack = TaskStack(process_, state);
    std::string text;
    for (const FrameView& view : FramesToShow(process_, stack.addresses))
      absl::StrAppend(&text, FunctionLine(DisplayName(view)), PlaceLine(view));
    if (stack.cut) absl::StrAppend(&text, "...additional frames elided...\n");
    return text;
  }

  // Function and place; "" if they are not known.
  std::string CreatorText(uint32_t stack) const {
    wire::Site site;
    site.set_stack(stack);
    const std::optional<FrameView> view = TopUserFrame(process_, site);
    return view.has_value() ? absl::StrCat(Printable(DisplayName(*view)), "\n", PlaceLine(*view)) : "";
  }

  std::string CreatedBy(uint32_t id) const {
    const wire::Task* task = process_.FindTask(id);
    if (task == nullptr || task->create_stack() == 0) return "";
    const std::string creator =
        creators_.Of(task->create_stack(), [&] { return CreatorText(task->create_stack()); });
    if (creator.empty()) return "";
    const size_t line_end = creator.find('\n');
    return absl::StrCat("created by ", creator.substr(0, line_end),
                        task->parent() == 0 ? "" : absl::StrCat(" in goroutine ", NumberOf(task->parent())),
                        creator.substr(line_end));
  }

  const ProcessModel& process_;
  const SnapshotModel& snapshot_;
  const TaskVerdicts& verdicts_;
  const LockHolders holders_;
  const bool labels_;
  const bool several_;
  const bool has_goroutines_;
  mutable StackMemo stacks_;
  mutable StackMemo creators_;
};

}  // namespace

std::string GoroutineText(const Model& model, const std::vector<Finding>& findings, bool labels) {
  const TaskVerdicts verdicts(findings);
  std::string text;
  for (const auto& process : model.processes) {
    const SnapshotModel* snapshot = SnapshotToJudge(*process);
    if (snapshot == nullptr) continue;
    absl::StrAppend(&text,
                    GoroutineWriter(*process, *snapshot, verdicts, labels, model.processes.size() > 1).Write());
  }
  return text;
}

}  // namespace stray::analyzer
