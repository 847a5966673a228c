// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/log_report.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

// A report beyond these limits is damaged, or made to do harm.
constexpr int kMaxSections = 512;
constexpr int kMaxUnread = 50;
constexpr size_t kMaxUnreadBytes = 400;

struct ReportKind {
  absl::string_view word;
  absl::string_view said;
};

constexpr ReportKind kKinds[] = {
#define STRAY_REPORT_KIND(word, said, finding, title) {word, said},
#include "agent/wire/report_kinds.inc"
#undef STRAY_REPORT_KIND
};

bool NeedsTwoAccesses(absl::string_view kind) {
  return kind == "data-race" || kind == "vptr-race" || kind == "use-after-free" ||
         kind == "vptr-use-after-free" || kind == "external-race";
}

}  // namespace

absl::string_view ReportKindOf(absl::string_view title) {
  for (const ReportKind& kind : kKinds) {
    if (kind.said == title) return kind.word;
  }
  // Libraries that declare objects of their own have their own words for it.
  return absl::StartsWith(title, "race on ") ? "external-race" : "other";
}

bool ConsumeNumber(absl::string_view& text, uint64_t& number) {
  size_t end = 0;
  while (end < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[end]))) ++end;
  if (!absl::SimpleAtoi(text.substr(0, end), &number)) return false;
  text.remove_prefix(end);
  return true;
}

bool ConsumeAddress(absl::string_view& text, uint64_t& address) {
  if (!absl::StartsWith(text, "0x")) return false;
  size_t end = 2;
  while (end < text.size() && absl::ascii_isxdigit(static_cast<unsigned char>(text[end]))) ++end;
  if (!ParseHex(text.substr(0, end), address)) return false;
  text.remove_prefix(end);
  return true;
}

bool ConsumeUntil(absl::string_view& text, absl::string_view end, absl::string_view& before) {
  const size_t at = text.find(end);
  if (at == absl::string_view::npos) return false;
  before = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

LogReportReader::LogReportReader(LogCode& code, absl::string_view kind, absl::string_view title,
                                 absl::string_view reporter)
    : code_(code) {
  read_.report.set_kind(std::string(kind));
  read_.report.set_title(std::string(title));
  read_.report.set_reporter(std::string(reporter));
}

void LogReportReader::BeginStack(std::function<void(uint32_t)> take) {
  EndStack();
  take_ = std::move(take);
}

void LogReportReader::EndStack() {
  if (take_ != nullptr) take_(code_.AddStack(stack_));
  take_ = nullptr;
  stack_ = {};
}

// Below words that are not known a stack keeps them as its role.
void LogReportReader::AddFrame(LogFrame frame) {
  if (take_ == nullptr) {
    std::string role = "?";
    if (read_.report.unread_size() > 0) {
      role = read_.report.unread(read_.report.unread_size() - 1);
      read_.report.mutable_unread()->RemoveLast();
    }
    AddReportStack(role);
  }
  if (stack_.frames.size() == kMaxFrames) {
    stack_.cut = true;
  } else {
    stack_.frames.push_back(std::move(frame));
  }
}

void LogReportReader::AddUnread(absl::string_view line) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (text.empty()) return;
  if (read_.report.unread_size() < kMaxUnread) {
    read_.report.add_unread(ToUtf8(text.substr(0, kMaxUnreadBytes)));
  } else if (read_.report.unread_size() == kMaxUnread) {
    read_.report.add_unread("...");
  }
}

bool LogReportReader::HasRoom(int sections) {
  if (sections < kMaxSections) return true;
  if (sections == kMaxSections) losses_.push_back("it has too many sections");
  return false;
}

wire::Access* LogReportReader::AddAccess() {
  return HasRoom(read_.report.accesses_size()) ? read_.report.add_accesses() : nullptr;
}

wire::MemoryPlace* LogReportReader::AddPlace() {
  return HasRoom(read_.report.places_size()) ? read_.report.add_places() : nullptr;
}

wire::LockStep* LogReportReader::AddStep() {
  return HasRoom(read_.report.steps_size()) ? read_.report.add_steps() : nullptr;
}

void LogReportReader::AddReportStack(const std::string& role) {
  if (!HasRoom(read_.report.stacks_size())) return BeginStack([](uint32_t) {});
  BeginStack([this, role](uint32_t stack) {
    if (stack == 0 && role.empty()) return;
    wire::ReportStack* record = read_.report.add_stacks();
    record->set_role(role);
    record->set_stack(stack);
  });
}

void LogReportReader::CheckAccesses() {
  if (!NeedsTwoAccesses(read_.report.kind()) || read_.report.accesses_size() >= 2) return;
  losses_.push_back(read_.report.accesses_size() == 0 ? "both accesses are missing"
                                                      : "one of the two accesses is missing");
}

LogReport LogReportReader::Finish(bool cut) {
  EndStack();
  read_.report.set_cut(cut);
  const wire::SanitizerReport& report = read_.report;
  usable_ =
      report.accesses_size() > 0 || report.stacks_size() > 0 || report.steps_size() > 0 || !read_.tasks.empty();
  CheckAccesses();
  return std::move(read_);
}

}  // namespace stray::analyzer
