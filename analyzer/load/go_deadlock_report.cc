// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_deadlock_report.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kRecursive = "recursive-lock";
constexpr absl::string_view kTimeout = "lock-timeout";

absl::string_view KindOf(absl::string_view title) {
  if (absl::StartsWith(title, "Inconsistent locking")) return "lock-order";
  return absl::StartsWith(title, "Recursive locking") ? kRecursive : kTimeout;
}

}  // namespace

bool ParseGoDeadlockFrame(absl::string_view line, LogFrame& frame) {
  absl::ConsumeSuffix(&line, "<<<<<");
  for (size_t space = line.find(' '); space != absl::string_view::npos; space = line.find(' ', space + 1)) {
    LogFrame place;
    ParsePlace(line.substr(0, space), place);
    if (place.line == 0) continue;  // a path with a space in it
    absl::string_view function = line.substr(space + 1);
    function = absl::StripAsciiWhitespace(function.substr(0, function.find(" { ")));
    absl::ConsumeSuffix(&function, " ???");
    if (function.empty() || function.find('.') == absl::string_view::npos) return false;
    frame = place;
    frame.function = std::string(function);
    return true;
  }
  return false;
}

GoDeadlockReportReader::GoDeadlockReportReader(LogCode& code, absl::string_view title)
    : LogReportReader(code, KindOf(title), title.empty() ? "a lock was waited for too long" : title,
                      "go-deadlock") {
  read_.report.set_locks_unknown(true);
}

// A step tells of one task: what it had taken, and what it wants. In the reports of one lock they are two
// tasks, or the same one twice.
wire::LockStep* GoDeadlockReportReader::StepWith(bool wanted) {
  const bool has_both = read_.report.kind() != kTimeout;
  const bool is_new =
      step_ == nullptr || !has_both || (wanted ? wants_ : !wants_ || read_.report.kind() == "lock-order");
  wants_ = wanted;
  if (is_new || (read_.report.kind() == "lock-order" && !wanted)) {
    wire::LockStep* added = AddStep();
    if (added != nullptr) step_ = added;
  }
  return step_;
}

// Of two orders only the places are printed: what the first one takes first, the second one takes last.
void GoDeadlockReportReader::NameLocks() {
  if (read_.report.kind() != "lock-order" || step_ == nullptr) return;
  const bool is_first = read_.report.steps_size() == 1;
  step_->mutable_held()->set_object(is_first ? 1 : 2);
  step_->mutable_wanted()->set_object(is_first ? 2 : 1);
}

void GoDeadlockReportReader::BeginHeld() {
  wire::LockStep* step = StepWith(/*wanted=*/false);
  NameLocks();
  BeginStack([step](uint32_t stack) {
    if (step != nullptr) step->mutable_held()->mutable_site()->set_stack(stack);
  });
}

void GoDeadlockReportReader::BeginWanted() {
  wire::LockStep* step = StepWith(/*wanted=*/true);
  BeginStack([step](uint32_t stack) {
    if (step != nullptr) step->mutable_wanted()->mutable_site()->set_stack(stack);
  });
}

uint32_t GoDeadlockReportReader::LockAt(uint64_t address) {
  for (const LogMutex& mutex : read_.mutexes) {
    if (mutex.address == address) return mutex.object;
  }
  LogMutex& mutex = read_.mutexes.emplace_back();
  mutex.object = static_cast<uint32_t>(read_.mutexes.size());
  mutex.address = address;
  return mutex.object;
}

// "goroutine 7 lock 0xc00001a080", "current goroutine 7 lock 0xc00001a080".
bool GoDeadlockReportReader::TakeLock(absl::string_view text) {
  uint64_t number = 0;
  uint64_t address = 0;
  if (absl::ConsumePrefix(&text, "current ")) BeginWanted();
  if (!absl::ConsumePrefix(&text, "goroutine ") || !ConsumeNumber(text, number)) return false;
  if (!absl::ConsumePrefix(&text, " lock ") || !ConsumeAddress(text, address) || step_ == nullptr) return false;
  if (step_->task() == 0) step_->set_task(LogGoroutine(number));
  const uint32_t object = LockAt(address);
  (wants_ ? step_->mutable_wanted() : step_->mutable_held())->set_object(object);
  if (read_.report.kind() == kRecursive) step_->mutable_held()->set_object(object);
  if (read_.report.kind() == kTimeout && wants_) CheckTimeout();
  return true;
}

// Who waits for what it holds itself will wait for ever.
void GoDeadlockReportReader::CheckTimeout() {
  const auto& steps = read_.report.steps();
  if (steps.size() == 2 && steps[0].task() != 0 && steps[0].task() == steps[1].task()) {
    read_.report.set_kind(std::string(kRecursive));
  }
}

bool GoDeadlockReportReader::TakeSection(absl::string_view text) {
  if (text == "happened before" || text == "in another goroutine: happened before" ||
      absl::StartsWith(text, "Previous place where the lock was grabbed")) {
    BeginHeld();
  } else if (text == "happened after" ||
             absl::StartsWith(text, "Have been trying to lock it again for more than")) {
    if (text != "happened after") read_.report.set_title(std::string(text));
    BeginWanted();
  } else if (absl::StartsWith(text, "Here is what goroutine ") || text == "Other goroutines holding locks:" ||
             text == "All current goroutines:") {
    complete_ = true;
  } else {
    return TakeLock(text);
  }
  return true;
}

void GoDeadlockReportReader::Take(absl::string_view line) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (text.empty()) return;
  LogFrame frame;
  if (TakeSection(text)) return;
  if (IsInStack() && ParseGoDeadlockFrame(text, frame)) {
    AddFrame(std::move(frame));
  } else if (IsInStack() && frames_so_far() > 0) {
    complete_ = true;  // the program's own output
  }
}

}  // namespace stray::analyzer
