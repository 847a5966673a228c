// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_race_report.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

// "main goroutine", "goroutine 8".
bool ConsumeGoroutine(absl::string_view& text, uint32_t& task) {
  uint64_t number = 0;
  if (absl::ConsumePrefix(&text, "main goroutine")) {
    task = LogGoroutine(1);
    return true;
  }
  if (!absl::ConsumePrefix(&text, "goroutine ") || !ConsumeNumber(text, number)) return false;
  task = LogGoroutine(number);
  return task != 0;
}

bool IsFunction(absl::string_view line) {
  return (absl::StartsWith(line, "  ") || absl::StartsWith(line, "\t")) && absl::EndsWith(line, ")");
}

bool IsAtomic(absl::string_view function) {
  return absl::StartsWith(function, "sync/atomic.") || absl::StartsWith(function, "internal/runtime/atomic.");
}

}  // namespace

GoRaceReportReader::GoRaceReportReader(LogCode& code, absl::string_view title)
    : LogReportReader(code, title == "DEADLOCK" ? "lock-order" : "data-race", title, "Go") {
  read_.report.set_locks_unknown(true);
}

void GoRaceReportReader::Take(absl::string_view line) {
  LogFrame frame;
  if (!function_.empty()) {
    frame.function = std::exchange(function_, "");
    const bool has_place = ParseGoPlace(line, frame);
    NoteAtomic(frame);
    AddFrame(std::move(frame));
    if (has_place) return;
  }
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (text.empty()) return;
  if (text == "[failed to restore the stack]") return BeginStack(nullptr);
  if (TakeSection(text)) return;
  if (IsFunction(line)) {
    function_ = std::string(absl::StripSuffix(text, "()"));
  } else {
    AddUnread(line);
  }
}

// The innermost frame tells.
void GoRaceReportReader::NoteAtomic(const LogFrame& frame) {
  if (access_ != nullptr && frames_so_far() == 0 && IsAtomic(frame.function)) access_->set_atomic(true);
}

bool GoRaceReportReader::TakeSection(absl::string_view text) {
  return TakeAccess(text) || TakeGoroutine(text) || TakeHeap(text) || TakeGlobal(text) || TakeStep(text) ||
         TakeHeldSince(text);
}

// "Previous write at 0x00c0 by goroutine 7:"; of old versions "Write by goroutine 7:".
bool GoRaceReportReader::TakeAccess(absl::string_view text) {
  const bool previous = absl::ConsumePrefix(&text, "Previous ");
  const bool write = absl::ConsumePrefix(&text, previous ? "write" : "Write");
  if (!write && !absl::ConsumePrefix(&text, previous ? "read" : "Read")) return false;
  uint64_t address = 0;
  uint32_t task = 0;
  if (absl::ConsumePrefix(&text, " at ") && !ConsumeAddress(text, address)) return false;
  if (!absl::ConsumePrefix(&text, " by ") || !ConsumeGoroutine(text, task) || text != ":") return false;
  wire::Access* access = AddAccess();
  if (access != nullptr) {
    access->set_write(write);
    access->set_address(address);
    access->set_task(task);
  }
  BeginStack([access](uint32_t stack) {
    if (access != nullptr) access->set_stack(stack);
  });
  access_ = access;
  return true;
}

// "Goroutine 8 (running) created at:".
bool GoRaceReportReader::TakeGoroutine(absl::string_view text) {
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&text, "Goroutine ") || !ConsumeNumber(text, number)) return false;
  LogTask task;
  task.task = LogGoroutine(number);
  task.finished = absl::ConsumePrefix(&text, " (finished)");
  if (!task.finished && !absl::ConsumePrefix(&text, " (running)")) return false;
  if (text != " created at:" || task.task == 0) return false;
  read_.tasks.push_back(std::move(task));
  BeginStack([this, index = read_.tasks.size() - 1](uint32_t stack) { read_.tasks[index].stack = stack; });
  access_ = nullptr;
  return true;
}

// "Heap block of size 16 at 0x00c0 allocated by goroutine 7:".
bool GoRaceReportReader::TakeHeap(absl::string_view text) {
  uint64_t size = 0;
  uint64_t address = 0;
  uint32_t task = 0;
  if (!absl::ConsumePrefix(&text, "Heap block of size ") || !ConsumeNumber(text, size)) return false;
  if (!absl::ConsumePrefix(&text, " at ") || !ConsumeAddress(text, address)) return false;
  if (!absl::ConsumePrefix(&text, " allocated by ") || !ConsumeGoroutine(text, task)) return false;
  wire::MemoryPlace* place = AddPlace();
  if (place != nullptr) {
    place->set_kind("heap");
    place->set_size(size);
    place->set_address(address);
    place->set_task(task);
  }
  BeginStack([place](uint32_t stack) {
    if (place != nullptr) place->set_stack(stack);
  });
  access_ = nullptr;
  return true;
}

// "Global var main.g of size 8 at 0x5dc5c0 declared at main.go:19".
bool GoRaceReportReader::TakeGlobal(absl::string_view text) {
  absl::string_view name;
  uint64_t size = 0;
  uint64_t address = 0;
  if (!absl::ConsumePrefix(&text, "Global var ") || !ConsumeUntil(text, " of size ", name)) return false;
  if (!ConsumeNumber(text, size) || !absl::ConsumePrefix(&text, " at ") || !ConsumeAddress(text, address))
    return false;
  wire::MemoryPlace* place = AddPlace();
  if (place != nullptr) {
    place->set_kind("global");
    place->set_name(std::string(name));
    place->set_size(size);
    place->set_address(address);
    LogFrame declared;
    if (absl::ConsumePrefix(&text, " declared at ")) ParsePlace(text, declared);
    place->set_file(declared.file);
    place->set_line(declared.line);
  }
  BeginStack(nullptr);
  access_ = nullptr;
  return true;
}

// "Goroutine 999 lock mutex 2 while holding mutex 1:"; the runtime prints 999 whoever it was.
bool GoRaceReportReader::TakeStep(absl::string_view text) {
  uint64_t number = 0;
  uint64_t wanted = 0;
  uint64_t held = 0;
  if (!absl::ConsumePrefix(&text, "Goroutine ") || !ConsumeNumber(text, number)) return false;
  if (!absl::ConsumePrefix(&text, " lock mutex ") || !ConsumeNumber(text, wanted)) return false;
  if (!absl::ConsumePrefix(&text, " while holding mutex ") || !ConsumeNumber(text, held) || text != ":")
    return false;
  if (wanted >= UINT32_MAX || held >= UINT32_MAX) return false;
  wire::LockStep* step = AddStep();
  if (step == nullptr) return false;
  step->mutable_wanted()->set_object(static_cast<uint32_t>(wanted + 1));
  step->mutable_held()->set_object(static_cast<uint32_t>(held + 1));
  BeginStack([step](uint32_t stack) { step->mutable_wanted()->mutable_site()->set_stack(stack); });
  return true;
}

// "Mutex 1 was previously locked here:".
bool GoRaceReportReader::TakeHeldSince(absl::string_view text) {
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&text, "Mutex ") || !ConsumeNumber(text, number)) return false;
  if (text != " was previously locked here:" || read_.report.steps_size() == 0) return false;
  wire::LockStep* step = read_.report.mutable_steps(read_.report.steps_size() - 1);
  BeginStack([step](uint32_t stack) { step->mutable_held()->mutable_site()->set_stack(stack); });
  return true;
}

}  // namespace stray::analyzer
