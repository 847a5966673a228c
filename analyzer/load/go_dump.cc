// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_dump.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/load/go_header.h"
#include "analyzer/load/log_report.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kLeaked = "leaked";
constexpr absl::string_view kUnexpected = "unexpected";
constexpr size_t kLongestPrologue = 200;
constexpr size_t kMostLinesBelowRule = 3;
constexpr size_t kMostDumpBytes = size_t{64} << 20;  // at which debug=2 gives up

struct Fault {
  absl::string_view said;
  absl::string_view misuse;  // a word of misuse_kinds.inc
  absl::string_view call;    // that did it
};

constexpr Fault kFaults[] = {
    {"send on closed channel", "chan-send-closed", "runtime.chansend"},
    {"close of closed channel", "chan-close-closed", "close"},
    {"close of nil channel", "chan-close-nil", "close"},
    {"sync: negative WaitGroup counter", "wait-group-negative", "sync.WaitGroup.Add"},
    {"sync: WaitGroup misuse: Add called concurrently with Wait", "wait-group-race", "sync.WaitGroup.Add"},
    {"sync: WaitGroup is reused before previous Wait has returned", "wait-group-race", "sync.WaitGroup.Wait"},
    {"sync: unlock of unlocked mutex", "unlock-unlocked", "sync.Mutex.Unlock"},
    {"sync: Unlock of unlocked RWMutex", "unlock-unlocked", "sync.RWMutex.Unlock"},
    {"sync: RUnlock of unlocked RWMutex", "unlock-unlocked", "sync.RWMutex.RUnlock"},
    {"concurrent map writes", "map-writes", "runtime.mapassign"},
    {"concurrent map read and map write", "map-read-and-write", "runtime.mapaccess"},
    {"concurrent map iteration and map write", "map-iteration", "runtime.mapiternext"},
};

// "fatal error: all goroutines are asleep - deadlock!", "no goroutines (main called runtime.Goexit) -
// deadlock!".
bool IsAsleep(absl::string_view text) {
  return absl::StartsWith(text, "fatal error: ") && absl::StrContains(text, "goroutines") &&
         absl::StrContains(text, " - deadlock!");
}

// "SIGQUIT: quit", "SIGABRT: abort".
bool IsSignal(absl::string_view line) {
  if (!absl::StartsWith(line, "SIG")) return false;
  const size_t colon = line.find(": ");
  return colon != absl::string_view::npos && colon > 3 &&
         std::all_of(line.begin(), line.begin() + static_cast<ptrdiff_t>(colon),
                     [](char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); });
}

// What leaktest, and those who copied it, say before the goroutine.
bool IsLeakTest(absl::string_view before) {
  return absl::StrContains(before, "eaked goroutine: ") || absl::StrContains(before, "eaktest: ");
}

}  // namespace

GoFault FaultOfPanic(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "panic: ") && !absl::ConsumePrefix(&text, "fatal error: ")) return {};
  absl::ConsumeSuffix(&text, " [recovered]");
  absl::ConsumeSuffix(&text, " [recovered, repanicked]");
  const auto* known = std::find_if(std::begin(kFaults), std::end(kFaults),
                                   [&](const Fault& fault) { return fault.said == text; });
  return known == std::end(kFaults) ? GoFault() : GoFault{known->misuse, known->call};
}

bool GoDumpReader::Take() {
  const absl::string_view line = lines_.line();
  if (line.empty()) return false;
  const size_t at = line.find("oroutine ");
  if (at != absl::string_view::npos && at > 0) {
    if (line[at - 1] == 'g') return TakeHeader(at - 1) || TakePrologue();
    if (line[at - 1] == 'G') return TakeLeak(at - 1);
  }
  if (line == "-----") {
    rule_line_ = lines_.number();
    return true;
  }
  return TakePrologue();
}

GoDumpReader::Dump& GoDumpReader::BeginDump(Dump& dump) {
  dump.listing = &listings_.Begin(lines_.number());
  dump.stacks = std::make_unique<GoStackReader>(dump.listing->stacks());
  return dump;
}

GoDumpReader::Dump& GoDumpReader::DumpOf(const GoHeader& header) {
  const bool is_again = dump_.listing != nullptr && dump_.listing->Has(header.id) && !continues_;
  if (dump_.listing == nullptr || is_new_ || is_again) BeginDump(dump_);
  is_new_ = false;
  return dump_;
}

bool GoDumpReader::TakeHeader(size_t at) {
  const absl::string_view text = lines_.line().substr(at);
  std::optional<GoHeader> header = ParseGoHeader(text);
  if (!header.has_value()) {
    // A header that is damaged, or the last one in a text that was cut.
    absl::string_view rest = text;
    uint64_t number = 0;
    absl::ConsumePrefix(&rest, "goroutine ");
    const bool looks_like_one = ConsumeNumber(rest, number) && absl::StartsWith(rest, " [");
    if (at == 0 && (looks_like_one || (!lines_.is_ended() && dump_.listing != nullptr))) {
      listings_.CountBadBlock(lines_.number());
    }
    return false;
  }
  const bool is_leak = at > 0 && IsLeakTest(lines_.line().substr(0, at));
  if (at > 0) lines_.SetPrefixBefore(text);
  const absl::string_view told = is_leak ? kUnexpected : header->status.leaked ? kLeaked : "";
  if (is_leak && leaks_.listing == nullptr) BeginDump(leaks_);
  // The words of the status stand in the line, which is gone when the stack has been read.
  status_ = std::string(header->status.words);
  header->status.words = status_;
  ReadGoroutine(is_leak ? leaks_ : DumpOf(*header), *std::move(header), told);
  return true;
}

// "[Goroutine 7 in state chan receive, 5 minutes, with main.f on top of the stack:". Older versions put the
// runtime's header into the next line.
bool GoDumpReader::TakeLeak(size_t at) {
  absl::string_view text = lines_.line().substr(at);
  GoHeader header;
  if (!absl::ConsumePrefix(&text, "Goroutine ") || !ConsumeNumber(text, header.id)) return false;
  if (!absl::ConsumePrefix(&text, " in state ")) return false;
  const size_t with = text.rfind(", with ");
  if (with == absl::string_view::npos || !absl::EndsWith(text, " on top of the stack:")) return false;
  status_ = std::string(text.substr(0, with));
  header.status = ParseGoStatus(status_);
  if (leaks_.listing == nullptr) BeginDump(leaks_);
  ReadGoroutine(leaks_, std::move(header), kUnexpected);
  return true;
}

bool GoDumpReader::IsCut(const Dump& dump, const GoHeader& header, bool at_end) const {
  if (!at_end) return false;
  if (dump.stacks->IsInFrame() || dump.stacks->IsEmpty()) return true;
  if (dump.stacks->IsComplete()) return false;
  return !lines_.is_ended() && header.id != 1;
}

void GoDumpReader::ReadGoroutine(Dump& dump, GoHeader header, absl::string_view told) {
  const size_t line = lines_.number();
  dump.stacks->Begin();
  bool at_end = false;
  bool is_first = true;
  for (;; is_first = false) {
    if (!lines_.Next()) {
      at_end = true;
      break;
    }
    if (is_first && told == kUnexpected) {
      std::optional<GoHeader> again = ParseGoHeader(lines_.line());
      if (again.has_value() && again->id == header.id) {
        header.labels = std::move(again->labels);
        continue;
      }
    }
    if (!dump.stacks->Take(lines_.line())) break;
  }
  if (!at_end && !lines_.line().empty()) lines_.Again();
  const bool cut = IsCut(dump, header, at_end) || (at_end && lines_.offset() == kMostDumpBytes);
  const GoStack stack = dump.stacks->End(cut);
  if (cut)
    listings_.AddDamage(line,
                        absl::StrCat("the text ends within goroutine ", header.id, ", which begins here"));
  listings_.CountBrokenFrames(line, stack.broken);
  if (continues_ && dump.listing->CompleteGoroutine(header, stack)) return;
  if (told == kUnexpected && dump.listing->IsSame(header.id, stack.stack)) return;
  if (continues_ && dump.listing->Has(header.id)) return;
  if (!listings_.HasRoom()) return;
  dump.listing->AddGoroutine(header, stack, told);
  if (prologue_.has_value() && told != kUnexpected) TellPrologue(*dump.listing, header.id);
}

void GoDumpReader::TellPrologue(TaskListing& listing, uint64_t goroutine) {
  if (prologue_->asleep) listing.SetTold("asleep");
  const GoFault& fault = prologue_->fault;
  if (!fault.misuse.empty()) listing.AddMisuse(fault.misuse, fault.call, goroutine);
  listing.AddNote(absl::StrCat("the program ended with \"", prologue_->text, "\""));
  prologue_.reset();
}

bool GoDumpReader::TakePrologue() {
  const absl::string_view line = lines_.line();
  size_t at = 0;
  const bool is_signal = IsSignal(line);
  if (!is_signal) {
    at = line.find("panic: ");
    if (at == absl::string_view::npos) at = line.find("fatal error: ");
    if (at == absl::string_view::npos) return false;
  }
  const absl::string_view text = line.substr(at);
  const GoFault fault = FaultOfPanic(text);
  const bool asleep = IsAsleep(text);
  // In the middle of a line only words that nobody else would use.
  if (at > 0 && fault.misuse.empty() && !asleep) return false;
  // With GOTRACEBACK=crash each thread prints its part, below a rule and the signal that it got.
  if (is_signal && rule_line_ != 0 && lines_.number() - rule_line_ <= kMostLinesBelowRule && !is_new_) {
    continues_ = true;
    return true;
  }
  // A panic that was recovered and happened again is printed below the first one.
  if (prologue_.has_value() && !asleep && fault.misuse.empty()) return true;
  if (prologue_.has_value() && prologue_->asleep) Finish();
  prologue_ = Prologue{std::string(text.substr(0, kLongestPrologue)), fault, asleep, lines_.number()};
  is_new_ = true;
  continues_ = false;
  return true;
}

// Who has set GOTRACEBACK=none gets no goroutines, but what happened is said.
void GoDumpReader::Finish() {
  if (prologue_.has_value() && prologue_->asleep) {
    TaskListing& listing = listings_.Begin(prologue_->line);
    listing.SetTold("asleep");
    listing.AddNote(
        absl::StrCat("the program ended with \"", prologue_->text, "\", and printed no goroutines"));
  }
  prologue_.reset();
}

}  // namespace stray::analyzer
