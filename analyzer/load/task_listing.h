// SPDX-License-Identifier: Apache-2.0
// task_listing.h: the process that a text lists the tasks of.
//
// A text says what it says: which tasks there are, where they stand, how they wait. It does not say which there
// are besides, and who holds what. So the snapshot has the reason "listing", and the analysis concludes nothing
// from it but what the text tells itself: that a task has leaked (TaskState.told), that all are stuck
// (Snapshot.told).
#ifndef STRAY_ANALYZER_LOAD_TASK_LISTING_H_
#define STRAY_ANALYZER_LOAD_TASK_LISTING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analyzer/load/go_header.h"
#include "analyzer/load/go_stack.h"
#include "analyzer/load/listed_stacks.h"
#include "analyzer/load/log_code.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

using LogLabels = std::vector<std::pair<std::string, std::string>>;

// A thread of a backtrace. Empty or 0 is what is not told.
struct ListedThread {
  uint64_t number = 0;
  int32_t tid = 0;
  std::string name;
  std::string wait_reason;  // a word of wait_reasons.inc; "": it runs, as far as one can see
  bool is_main = false;
  uint32_t stack = 0;
};

// Goroutines that a profile only counts. Empty or 0 is what is not told.
struct CountedTasks {
  uint64_t count = 0;
  uint32_t stack = 0;
  std::string state;        // "": blocked, if there is a wait reason
  std::string wait_reason;  // a word of Go's
  uint64_t wait_ns = 0;
  absl::string_view told;  // as in TaskState
  bool is_main = false;
};

class TaskListing {
 public:
  // `log`: name of the file; `line`: where the listing begins in it.
  TaskListing(const std::string& log, size_t line);

  ListedStacks& stacks() { return stacks_; }
  size_t line() const { return line_; }
  size_t size() const { return snapshot().tasks.size(); }
  bool IsEmpty() const { return size() == 0; }

  // A goroutine. `told` as in TaskState. One whose number another one bears gets no number.
  void AddGoroutine(const GoHeader& header, const GoStack& stack, absl::string_view told);

  // Completes a goroutine that ran on another thread when it was listed first. False if there is none such.
  bool CompleteGoroutine(const GoHeader& header, const GoStack& stack);

  void AddCounted(const CountedTasks& tasks, const LogLabels& labels);
  void AddThread(const ListedThread& thread);
  void AddSite(absl::string_view profile, uint32_t stack, uint64_t count, uint64_t delay_ns);

  // The text says of all that are listed what Snapshot.told may hold.
  void SetTold(absl::string_view told) { snapshot().info.set_told(std::string(told)); }
  void SetPid(int32_t pid) { model_->process.set_pid(pid); }
  void SetProgram(absl::string_view program) { model_->process.set_program(std::string(program)); }
  // What goroutine `number` did made the runtime give up, in a word of misuse_kinds.inc; `call`: by which call.
  void AddMisuse(absl::string_view kind, absl::string_view call, uint64_t number);
  void AddNote(const std::string& text);

  // True if a goroutine with this number has been added.
  bool Has(uint64_t number) const;
  bool HasThread(uint64_t number) const;
  // True if the goroutine with this number stands at that stack.
  bool IsSame(uint64_t number, uint32_t stack) const;

  // `with_line`: the name of the log does not tell which listing it is.
  std::unique_ptr<ProcessModel> Finish(bool with_line);

 private:
  SnapshotModel& snapshot() { return model_->snapshots.front(); }
  const SnapshotModel& snapshot() const { return model_->snapshots.front(); }
  wire::TaskState& NewTask(uint32_t id, absl::string_view kind);
  void Describe(const GoHeader& header, const GoStack& stack, size_t place);
  void AddLabels(uint32_t task, const LogLabels& labels);

  std::unique_ptr<ProcessModel> model_;
  LogCode code_;
  ListedStacks stacks_;
  size_t line_;
  absl::flat_hash_map<uint32_t, size_t> place_of_task_;  // by id, in the model
  uint32_t made_up_ = 0;                                 // numbers given so far
};

// The wait that the innermost frames of a stack show, where nothing else tells it: a word of wait_reasons.inc,
// or "". `functions`: innermost first.
absl::string_view WaitOfFrames(absl::Span<const absl::string_view> functions);

// True if a stack with these functions is that of Go's main goroutine.
bool IsMainGoroutine(absl::Span<const absl::string_view> functions);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TASK_LISTING_H_
