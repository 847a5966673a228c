// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/tsan_report.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kLost = "[failed to restore the stack]";
constexpr size_t kMaxDescribed = 4096;  // tasks or mutexes of one report

bool ConsumeIgnoringCase(absl::string_view& text, absl::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "main thread", "thread T7".
bool ConsumeTask(absl::string_view& text, uint32_t& task) {
  uint64_t number = 0;
  if (absl::ConsumePrefix(&text, "main thread")) {
    task = LogThread(0);
    return true;
  }
  if (!absl::ConsumePrefix(&text, "thread T") || !ConsumeNumber(text, number)) return false;
  task = LogThread(number);
  return task != 0;
}

// "M7". In a report a mutex is an object with the next number, as 0 means none.
bool ConsumeMutex(absl::string_view& text, uint64_t& object) {
  if (!absl::ConsumePrefix(&text, "M") || !ConsumeNumber(text, object) || object >= UINT32_MAX) return false;
  ++object;
  return true;
}

// " (mutexes: write M0, read M1)".
bool ConsumeHeld(absl::string_view& text, wire::Access& access) {
  if (!absl::ConsumePrefix(&text, " (mutexes:")) return true;
  do {
    const bool read = absl::ConsumePrefix(&text, " read ");
    uint64_t object = 0;
    if ((!read && !absl::ConsumePrefix(&text, " write ")) || !ConsumeMutex(text, object)) return false;
    wire::Held* held = access.add_held();
    held->set_object(static_cast<uint32_t>(object));
    held->set_read(read);
  } while (absl::ConsumePrefix(&text, ","));
  return absl::ConsumePrefix(&text, ")");
}

// "Write of size 4", "Previous atomic read of size 8", "Read-only access of Swift array".
bool ConsumeDeed(absl::string_view& text, wire::Access& access) {
  absl::ConsumePrefix(&text, "Previous ");
  access.set_atomic(ConsumeIgnoringCase(text, "atomic "));
  uint64_t size = 0;
  access.set_write(ConsumeIgnoringCase(text, "write of size "));
  if (!access.write() && !ConsumeIgnoringCase(text, "read of size ")) return false;
  access.set_size(ConsumeNumber(text, size) && size <= UINT32_MAX ? static_cast<uint32_t>(size) : 0);
  return true;
}

bool ConsumeDeedOnObject(absl::string_view& text, wire::Access& access) {
  absl::ConsumePrefix(&text, "Previous ");
  access.set_write(ConsumeIgnoringCase(text, "modifying access of "));
  if (!access.write() && !ConsumeIgnoringCase(text, "read-only access of ")) return false;
  const size_t end = text.find(" at 0x");
  if (end == absl::string_view::npos) return false;
  access.set_object_type(std::string(text.substr(0, end)));
  text.remove_prefix(end);
  return true;
}

}  // namespace

TsanReportReader::TsanReportReader(LogCode& code, absl::string_view title)
    : LogReportReader(code, ReportKindOf(title), title, "ThreadSanitizer"), code_(code) {
  // Reports that are about one call begin with its stack, without words.
  AddReportStack("");
}

void TsanReportReader::Take(absl::string_view line) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (text.empty() || absl::StartsWithIgnoreCase(text, "hint: use TSAN_OPTIONS")) return;
  if (text == kLost) return BeginStack(nullptr);
  if (absl::StartsWith(text, "SUMMARY: ThreadSanitizer: ")) return TakeSummary(text);
  if (absl::StartsWith(line, "  ") && TakeSection(text)) return;
  if (auto frame = ParseTsanFrame(line); frame.has_value()) return TakeFrame(*std::move(frame));
  if (!TakeGlued(line)) AddUnread(line);
}

// Numbers tell whether something is missing: what the program printed may have torn lines apart.
void TsanReportReader::TakeFrame(NumberedFrame frame) {
  if (frame.number == 0 && frames_so_far() > 0) BeginStack(nullptr);  // the words above were not understood
  if (IsInStack() && frame.number > frames_so_far() && frames_so_far() < kMaxFrames) {
    losses_.push_back(absl::StrCat("frame ", frames_so_far(), " of a stack is missing"));
    MissFrame();
  }
  AddFrame(std::move(frame.frame));
}

// What the program had printed without ending its line stands before the words.
bool TsanReportReader::TakeGlued(absl::string_view line) {
  for (size_t at = line.find("  "); at != absl::string_view::npos; at = line.find("  ", at + 1)) {
    const bool is_word = at + 2 < line.size() && absl::ascii_isupper(static_cast<unsigned char>(line[at + 2]));
    if (!is_word || !TakeSection(absl::StripTrailingAsciiWhitespace(line.substr(at + 2)))) continue;
    AddUnread(line.substr(0, at));
    return true;
  }
  return false;
}

// Of modules whose frames have no symbols it tells the whole path: "... (/build/shop+0x1f) (BuildId: 12) in f".
void TsanReportReader::TakeSummary(absl::string_view text) {
  const size_t begin = text.rfind(" (/");
  absl::string_view path;
  if (begin == absl::string_view::npos) return;
  text.remove_prefix(begin + 2);
  if (!ConsumeUntil(text, "+0x", path)) return;
  absl::string_view build_id;
  absl::string_view rest;
  if (ConsumeUntil(text, " (BuildId: ", rest) && ConsumeUntil(text, ")", build_id)) {
    code_.SetModulePath(std::string(path), absl::AsciiStrToLower(build_id));
  }
}

bool TsanReportReader::TakeSection(absl::string_view text) {
  return TakeAccess(text) || TakeLocation(text) || TakeMutex(text) || TakeThread(text) || TakeOther(text);
}

bool TsanReportReader::TakeAccess(absl::string_view text) {
  wire::Access read;
  absl::string_view rest = text;
  uint32_t task = 0;
  uint64_t address = 0;
  if (!ConsumeDeed(rest, read)) {
    rest = text;
    read.Clear();
    if (!ConsumeDeedOnObject(rest, read)) return false;
  }
  if (!absl::ConsumePrefix(&rest, " at ") || !ConsumeAddress(rest, address)) return false;
  if (!absl::ConsumePrefix(&rest, " by ") || !ConsumeTask(rest, task)) return false;
  if (!ConsumeHeld(rest, read) || !absl::ConsumePrefix(&rest, ":")) return false;
  read.set_address(address);
  read.set_task(task);
  wire::Access* access = AddAccess();
  if (access != nullptr) *access = std::move(read);
  BeginStack([access](uint32_t stack) {
    if (access != nullptr) access->set_stack(stack);
  });
  return true;
}

bool TsanReportReader::TakeLocation(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "Location is ")) return false;
  return TakeGlobal(text) || TakeOwned(text) || TakeDescriptor(text) || TakeHeap(text);
}

// "global 'NAME' of size 4 at 0x7b04 (shop+0x1f)"; the size may be missing.
bool TsanReportReader::TakeGlobal(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "global '")) return false;
  const size_t end = text.rfind("' ");
  if (end == absl::string_view::npos) return false;
  const absl::string_view name = text.substr(0, end);
  text.remove_prefix(end + 2);
  uint64_t size = 0;
  uint64_t address = 0;
  if (absl::ConsumePrefix(&text, "of size ") &&
      (!ConsumeNumber(text, size) || !absl::ConsumePrefix(&text, " "))) {
    return false;
  }
  if (!absl::ConsumePrefix(&text, "at ") || !ConsumeAddress(text, address)) return false;
  wire::MemoryPlace* place = AddPlace();
  if (place == nullptr) return true;
  place->set_kind("global");
  if (name != "<null>" && name != "??") place->set_name(std::string(name));
  place->set_size(size);
  place->set_address(address);
  const size_t plus = text.rfind("+0x");
  if (absl::ConsumePrefix(&text, " (") && plus != absl::string_view::npos && plus >= 2) {
    uint64_t offset = 0;
    place->set_module(code_.AddModule(std::string(text.substr(0, plus - 2)), ""));
    if (ParseHex(absl::StripSuffix(text.substr(plus - 1), ")"), offset)) place->set_offset(offset);
  }
  BeginStack(nullptr);
  return true;
}

// "heap block of size 40 at 0x7b04 allocated by thread T1:", or a library's word for such an object.
bool TsanReportReader::TakeHeap(absl::string_view text) {
  absl::string_view kind;
  uint64_t size = 0;
  uint64_t address = 0;
  uint32_t task = 0;
  if (!ConsumeUntil(text, " of size ", kind) || !ConsumeNumber(text, size)) return false;
  if (!absl::ConsumePrefix(&text, " at ") || !ConsumeAddress(text, address)) return false;
  if (!absl::ConsumePrefix(&text, " allocated by ") || !ConsumeTask(text, task)) return false;
  wire::MemoryPlace* place = AddPlace();
  if (place != nullptr) {
    place->set_kind(kind == "heap block" ? "heap" : std::string(kind));
    place->set_size(size);
    place->set_address(address);
    place->set_task(task);
  }
  BeginStack([place](uint32_t stack) {
    if (place != nullptr) place->set_stack(stack);
  });
  return true;
}

// "file descriptor 4 created by main thread at:".
bool TsanReportReader::TakeDescriptor(absl::string_view text) {
  uint64_t number = 0;
  uint32_t task = 0;
  if (!absl::ConsumePrefix(&text, "file descriptor ") || !ConsumeNumber(text, number)) return false;
  const bool closed = absl::ConsumePrefix(&text, " destroyed by ");
  if ((!closed && !absl::ConsumePrefix(&text, " created by ")) || !ConsumeTask(text, task)) return false;
  wire::MemoryPlace* place = AddPlace();
  if (place != nullptr) {
    place->set_kind("fd");
    place->set_fd(static_cast<uint32_t>(number));
    place->set_closed(closed);
    place->set_task(task);
  }
  BeginStack([place](uint32_t stack) {
    if (place != nullptr) place->set_stack(stack);
  });
  return true;
}

// "stack of main thread.", "TLS of thread T1.".
bool TsanReportReader::TakeOwned(absl::string_view text) {
  const bool is_tls = absl::ConsumePrefix(&text, "TLS of ");
  uint32_t task = 0;
  if ((!is_tls && !absl::ConsumePrefix(&text, "stack of ")) || !ConsumeTask(text, task)) return false;
  if (wire::MemoryPlace* place = AddPlace(); place != nullptr) {
    place->set_kind(is_tls ? "tls" : "stack");
    place->set_task(task);
  }
  BeginStack(nullptr);
  return true;
}

// "Mutex M0 (0x7b10) created at:", "Mutex M0 is already destroyed.", and the steps of a lock order.
bool TsanReportReader::TakeMutex(absl::string_view text) {
  uint64_t object = 0;
  if (!absl::ConsumePrefix(&text, "Mutex ") || !ConsumeMutex(text, object)) return false;
  if (absl::StartsWith(text, " acquired here") || absl::StartsWith(text, " previously acquired")) {
    return TakeStep(text, object);
  }
  LogMutex mutex;
  mutex.object = static_cast<uint32_t>(object);
  mutex.destroyed = absl::StartsWith(text, " is already destroyed");
  if (!mutex.destroyed) {
    if (!absl::ConsumePrefix(&text, " (") || !ConsumeAddress(text, mutex.address)) return false;
    if (!absl::StartsWith(text, ") created at")) return false;
  }
  if (read_.mutexes.size() >= kMaxDescribed) return false;
  read_.mutexes.push_back(mutex);
  BeginStack([this, index = read_.mutexes.size() - 1](uint32_t stack) { read_.mutexes[index].stack = stack; });
  return true;
}

// " acquired here while holding mutex M0 in thread T1:"; then, if the program was asked to keep that,
// " previously acquired by the same thread here:" of the other one.
bool TsanReportReader::TakeStep(absl::string_view text, uint64_t object) {
  const auto id = static_cast<uint32_t>(object);
  if (absl::StartsWith(text, " previously acquired")) {
    if (read_.report.steps_size() == 0) return false;
    wire::LockStep* step = read_.report.mutable_steps(read_.report.steps_size() - 1);
    if (step->held().object() != id) return false;
    BeginStack([step](uint32_t stack) { step->mutable_held()->mutable_site()->set_stack(stack); });
    return true;
  }
  uint64_t held = 0;
  uint32_t task = 0;
  if (!absl::ConsumePrefix(&text, " acquired here while holding mutex ") || !ConsumeMutex(text, held))
    return false;
  if (!absl::ConsumePrefix(&text, " in ") || !ConsumeTask(text, task)) return false;
  wire::LockStep* step = AddStep();
  if (step == nullptr) return false;
  step->set_task(task);
  step->mutable_held()->set_object(static_cast<uint32_t>(held));
  step->mutable_wanted()->set_object(id);
  BeginStack([step](uint32_t stack) { step->mutable_wanted()->mutable_site()->set_stack(stack); });
  return true;
}

// "Cycle in lock order graph: M0 (0x7b10) => M1 (0x7b20) => M0": the addresses stand only here.
bool TsanReportReader::TakeCycle(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "Cycle in lock order graph: ")) return false;
  uint64_t object = 0;
  LogMutex mutex;
  while (ConsumeMutex(text, object) && absl::ConsumePrefix(&text, " (") &&
         ConsumeAddress(text, mutex.address) && read_.mutexes.size() < kMaxDescribed) {
    mutex.object = static_cast<uint32_t>(object);
    read_.mutexes.push_back(mutex);
    if (!absl::ConsumePrefix(&text, ") => ")) break;
  }
  return true;
}

// "Thread T1 'flusher' (tid=4713, running) created by main thread at:".
bool TsanReportReader::TakeThread(absl::string_view text) {
  uint64_t number = 0;
  absl::string_view name;
  if (!absl::ConsumePrefix(&text, "Thread T") || !ConsumeNumber(text, number) || LogThread(number) == 0)
    return false;
  LogTask task;
  task.task = LogThread(number);
  if (!ConsumeUntil(text, " (tid=", name)) return false;
  if (absl::ConsumePrefix(&name, " '")) task.name = std::string(absl::StripSuffix(name, "'"));
  if (!ConsumeNumber(text, number)) return false;
  task.tid = number <= INT32_MAX ? static_cast<int32_t>(number) : 0;
  task.finished = absl::ConsumePrefix(&text, ", finished)");
  if (!task.finished && !absl::ConsumePrefix(&text, ", running)")) return false;
  if (absl::ConsumePrefix(&text, " created by ") && !ConsumeTask(text, task.creator)) return false;
  if (read_.tasks.size() >= kMaxDescribed) return false;
  read_.tasks.push_back(std::move(task));
  BeginStack([this, index = read_.tasks.size() - 1](uint32_t stack) { read_.tasks[index].stack = stack; });
  return true;
}

bool TsanReportReader::TakeOther(absl::string_view text) {
  uint64_t number = 0;
  if (TakeCycle(text)) return true;
  if (text == "and:") {
    AddReportStack("and");
  } else if (absl::StartsWith(text, "As if synchronized via sleep")) {
    AddReportStack("sleep");
  } else if (absl::ConsumePrefix(&text, "Signal ") && ConsumeNumber(text, number) &&
             absl::StartsWith(text, " handler invoked at")) {
    AddReportStack(absl::StrCat("signal ", number));
  } else if (absl::ConsumePrefix(&text, "And ") && ConsumeNumber(text, number) &&
             absl::StartsWith(text, " more similar thread leaks")) {
    read_.report.set_similar(static_cast<uint32_t>(std::min<uint64_t>(number, UINT32_MAX)));
  } else {
    return false;
  }
  return true;
}

}  // namespace stray::analyzer
