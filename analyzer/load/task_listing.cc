// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/task_listing.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

constexpr uint64_t kMostNumbers = box::kFirstGoroutine;  // of goroutines, and of threads
constexpr uint32_t kSelectOnChannels = 104;              // in wait_reasons.inc
constexpr uint32_t kSelectOnDescriptors = 41;
constexpr uint64_t kMinute = 60'000'000'000;

struct ListedWait {
  absl::string_view function;
  absl::string_view word;
};

constexpr ListedWait kWaits[] = {
#define STRAY_LISTED_WAIT(function, word) {function, word},
#include "analyzer/load/listed_waits.inc"
#undef STRAY_LISTED_WAIT
};

// "*" stands for any text, once or twice.
bool Matches(absl::string_view text, absl::string_view pattern) {
  const size_t star = pattern.find('*');
  // A receiver of Go's, "(*Mutex)", has a star of its own.
  if (star != absl::string_view::npos && star > 0 && pattern[star - 1] == '(') {
    return text.size() > star && text.substr(0, star + 1) == pattern.substr(0, star + 1) &&
           Matches(text.substr(star + 1), pattern.substr(star + 1));
  }
  if (star == absl::string_view::npos) return text == pattern;
  if (!absl::StartsWith(text, pattern.substr(0, star))) return false;
  const absl::string_view rest = pattern.substr(star + 1);
  if (rest.empty()) return true;
  for (size_t at = star; at <= text.size(); ++at) {
    if (Matches(text.substr(at), rest)) return true;
  }
  return false;
}

// Without the underscores and the version that libc puts to its names.
absl::string_view PlainName(absl::string_view function) {
  function = function.substr(0, function.find('@'));
  while (absl::StartsWith(function, "_")) function.remove_prefix(1);
  if (absl::StartsWith(function, "GI_")) function.remove_prefix(3);
  while (absl::StartsWith(function, "_")) function.remove_prefix(1);
  if (absl::StartsWith(function, "libc_")) function.remove_prefix(5);
  return function;
}

// Code between a call that waits and what the kernel or Go's scheduler is entered by.
bool IsInside(absl::string_view function) {
  return function.empty() || absl::StartsWith(function, "_") || absl::StartsWith(function, "futex") ||
         absl::StartsWith(function, "runtime.") || absl::StartsWith(function, "internal/") ||
         absl::StartsWith(function, "sync.");
}

// What Go calls the state of a goroutine that does not wait. "": it waits.
absl::string_view StateOf(absl::string_view words) {
  if (words == "runnable" || words == "preempted" || words == "copystack") return "runnable";
  if (words == "running" || words == "idle" || words == "debug call") return "running";
  if (words == "dead") return "finished";
  return "";
}

}  // namespace

absl::string_view WaitOfFrames(absl::Span<const absl::string_view> functions) {
  absl::string_view word;
  for (const absl::string_view function : functions) {
    const absl::string_view name = PlainName(function);
    const auto* known = std::find_if(std::begin(kWaits), std::end(kWaits),
                                     [&](const ListedWait& wait) { return Matches(name, wait.function); });
    if (known != std::end(kWaits)) {
      word = known->word;
    } else if (!IsInside(function)) {
      break;
    }
  }
  return word;
}

bool IsMainGoroutine(absl::Span<const absl::string_view> functions) {
  return std::any_of(functions.begin(), functions.end(), [](absl::string_view function) {
    return function == "runtime.main" || function == "main.main";
  });
}

TaskListing::TaskListing(const std::string& log, size_t line)
    : model_(std::make_unique<ProcessModel>()), code_(*model_), stacks_(code_), line_(line) {
  model_->process.set_log(ToUtf8(log));
  wire::Snapshot& info = model_->snapshots.emplace_back().info;
  info.set_id(1);
  info.set_reason("listing");
}

wire::TaskState& TaskListing::NewTask(uint32_t id, absl::string_view kind) {
  while (id == 0 || !place_of_task_.try_emplace(id, model_->tasks.size()).second) {
    const uint32_t first = kind == "goroutine" ? box::kFirstGoroutine : 0;
    id = first + box::kFirstGoroutine - 1 - made_up_++;
  }
  wire::Task& task = model_->tasks.emplace_back();
  task.set_id(id);
  task.set_kind(kind.data(), kind.size());
  wire::TaskState& state = snapshot().tasks.emplace_back();
  state.set_task(id);
  return state;
}

void TaskListing::AddLabels(uint32_t task, const LogLabels& labels) {
  for (const auto& [key, value] : labels) {
    wire::Label& label = model_->labels.emplace_back();
    label.set_task(task);
    label.set_key(key);
    label.set_value(value);
  }
}

void TaskListing::Describe(const GoHeader& header, const GoStack& stack, size_t place) {
  wire::Task& task = model_->tasks[place];
  wire::TaskState& state = snapshot().tasks[place];
  const GoStatus& status = header.status;
  const absl::string_view does = StateOf(status.words);
  if (does.empty()) {
    state.set_state("blocked");
    state.set_wait_reason(IsUtf8(status.words) ? std::string(status.words) : ToUtf8(status.words));
    if (status.words == "select") state.set_wait_number(kSelectOnChannels);
    if (status.minutes < UINT64_MAX / kMinute) state.set_wait_ns(status.minutes * kMinute);
  } else {
    state.set_state(does.data(), does.size());
  }
  state.set_stack(stack.stack);
  task.set_create_stack(stack.create_stack);
  if (stack.parent != 0 && stack.parent < kMostNumbers) {
    task.set_parent(box::kFirstGoroutine + static_cast<uint32_t>(stack.parent));
  }
  task.mutable_ancestor_stacks()->Assign(stack.ancestor_stacks.begin(), stack.ancestor_stacks.end());
}

void TaskListing::AddGoroutine(const GoHeader& header, const GoStack& stack, absl::string_view told) {
  const bool fits = header.id < kMostNumbers && header.id != 0 && !Has(header.id);
  const uint32_t wanted = fits ? box::kFirstGoroutine + static_cast<uint32_t>(header.id) : 0;
  // Goroutine 0 of each machine is the stack of its scheduler, and no goroutine.
  const bool is_scheduler = header.id == 0;
  const size_t place = model_->tasks.size();
  const uint32_t id = NewTask(wanted, is_scheduler ? "thread" : "goroutine").task();
  wire::Task& task = model_->tasks[place];
  task.set_main(header.id == 1);
  if (!fits) {
    task.set_made_up(true);
    if (!is_scheduler) task.set_name(absl::StrCat("goroutine ", header.id));
  }
  Describe(header, stack, place);
  snapshot().tasks[place].set_told(told.data(), told.size());
  if (!header.labels.empty()) AddLabels(id, header.labels);
  if (header.status.bubble != 0) AddLabels(id, {{"synctest bubble", absl::StrCat(header.status.bubble)}});
  if (header.status.locked_to_thread) AddLabels(id, {{"locked to thread", "true"}});
  if (header.status.durable) AddLabels(id, {{"durable", "true"}});
}

bool TaskListing::CompleteGoroutine(const GoHeader& header, const GoStack& stack) {
  if (!Has(header.id)) return false;
  const size_t place = place_of_task_[box::kFirstGoroutine + static_cast<uint32_t>(header.id)];
  if (snapshot().tasks[place].stack() != 0) return false;
  Describe(header, stack, place);
  return true;
}

bool TaskListing::Has(uint64_t number) const {
  return number < kMostNumbers && place_of_task_.contains(box::kFirstGoroutine + static_cast<uint32_t>(number));
}

bool TaskListing::HasThread(uint64_t number) const {
  return number < kMostNumbers && place_of_task_.contains(static_cast<uint32_t>(number));
}

bool TaskListing::IsSame(uint64_t number, uint32_t stack) const {
  if (!Has(number)) return false;
  const auto place = place_of_task_.find(box::kFirstGoroutine + static_cast<uint32_t>(number));
  return snapshot().tasks[place->second].stack() == stack;
}

void TaskListing::AddCounted(const CountedTasks& tasks, const LogLabels& labels) {
  const bool waits = !tasks.told.empty() || !tasks.wait_reason.empty();
  for (uint64_t i = 0; i < tasks.count; ++i) {
    wire::TaskState& state = NewTask(0, "goroutine");
    model_->tasks.back().set_made_up(true);
    model_->tasks.back().set_main(tasks.is_main && tasks.count == 1);
    state.set_state(tasks.state.empty() && waits ? "blocked" : tasks.state);
    state.set_wait_reason(tasks.wait_reason);
    if (tasks.wait_reason == "select") state.set_wait_number(kSelectOnChannels);
    state.set_wait_ns(tasks.wait_ns);
    state.set_told(tasks.told.data(), tasks.told.size());
    state.set_stack(tasks.stack);
    AddLabels(state.task(), labels);
  }
}

void TaskListing::AddThread(const ListedThread& thread) {
  const bool fits = thread.number < kMostNumbers;
  wire::TaskState& state = NewTask(fits ? static_cast<uint32_t>(thread.number) : 0, "thread");
  wire::Task& task = model_->tasks.back();
  task.set_tid(thread.tid);
  task.set_name(ToUtf8(thread.name));
  task.set_main(thread.is_main);
  task.set_made_up(!fits || task.id() != thread.number);
  state.set_state(thread.wait_reason.empty() ? "running" : "blocked");
  state.set_wait_reason(thread.wait_reason);
  if (thread.wait_reason == "select") state.set_wait_number(kSelectOnDescriptors);
  state.set_stack(thread.stack);
}

void TaskListing::AddSite(absl::string_view profile, uint32_t stack, uint64_t count, uint64_t delay_ns) {
  wire::ProfileSite& site = model_->profile_sites.emplace_back();
  site.set_profile(ToUtf8(profile));
  site.set_stack(stack);
  site.set_count(count);
  site.set_delay_ns(delay_ns);
}

void TaskListing::AddMisuse(absl::string_view kind, absl::string_view call, uint64_t number) {
  if (!Has(number)) return;
  const uint32_t id = box::kFirstGoroutine + static_cast<uint32_t>(number);
  wire::Misuse& misuse = model_->misuses.emplace_back();
  misuse.set_kind(std::string(kind));
  misuse.set_call(std::string(call));
  misuse.set_count(1);
  misuse.set_task(id);
  misuse.set_stack(snapshot().tasks[place_of_task_[id]].stack());
}

void TaskListing::AddNote(const std::string& text) { model_->notes.emplace_back().set_text(ToUtf8(text)); }

std::unique_ptr<ProcessModel> TaskListing::Finish(bool with_line) {
  if (with_line) model_->process.set_log(absl::StrCat(model_->process.log(), ":", line_));
  return std::move(model_);
}

}  // namespace stray::analyzer
