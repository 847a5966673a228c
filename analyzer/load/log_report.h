// SPDX-License-Identifier: Apache-2.0
// log_report.h: one report of a text log, line by line, whichever detector wrote it.
//
//   words of a section:                 Write of size 4 at 0x7b04 by thread T1:
//     its stack, frame by frame           #0 Cart::Add(int) cart.cc:24
//   the next one, ...
//
// A reader of one format says what the words mean (BeginStack) and hands frames in. Words that it does not know
// are kept as text, and a stack below them with them. A program that prints to the same file puts its own lines
// anywhere.
#ifndef STRAY_ANALYZER_LOAD_LOG_REPORT_H_
#define STRAY_ANALYZER_LOAD_LOG_REPORT_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/load/log_process.h"

namespace stray::analyzer {

class LogReportReader {
 public:
  virtual ~LogReportReader() = default;
  LogReportReader(const LogReportReader&) = delete;
  LogReportReader& operator=(const LogReportReader&) = delete;

  // Takes the next line. Neither the first line of a report nor the one that ends it comes here.
  virtual void Take(absl::string_view line) = 0;

  // True if the lines from here on are no part of it.
  virtual bool IsComplete() const { return false; }

  // False if a report of this format just ends, so that one without an end is none that was cut.
  virtual bool HasEndMark() const { return true; }

  // The report, once all lines are in; `cut`: its end is missing.
  LogReport Finish(bool cut);

  // What is missing in the report, after Finish(): "one of the two accesses is missing".
  const std::vector<std::string>& losses() const { return losses_; }

  // False if there is nothing in it that one could point at, after Finish().
  bool IsUsable() const { return usable_; }

 protected:
  static constexpr size_t kMaxFrames = 256;  // of a stack, as the agent keeps

  // Stacks go to `code`, which must outlive this.
  LogReportReader(LogCode& code, absl::string_view kind, absl::string_view title, absl::string_view reporter);

  // A stack comes next and is handed to `take`: its id, 0 if the detector had lost it. The one before is
  // complete.
  void BeginStack(std::function<void(uint32_t stack)> take);
  void AddFrame(LogFrame frame);
  size_t frames_so_far() const { return stack_.frames.size(); }
  bool IsInStack() const { return take_ != nullptr; }
  void MissFrame() { stack_.partial = true; }

  // A line without a known meaning: output of the program, or a section of a newer detector.
  void AddUnread(absl::string_view line);

  // One more section of a kind; null if there are too many. The sections themselves stay where they are.
  wire::Access* AddAccess();
  wire::MemoryPlace* AddPlace();
  wire::LockStep* AddStep();
  void AddReportStack(const std::string& role);

  LogReport read_;
  std::vector<std::string> losses_;

 private:
  bool HasRoom(int sections);
  void EndStack();
  void CheckAccesses();

  LogCode& code_;
  std::function<void(uint32_t)> take_;  // null: no section has begun
  LogStack stack_;
  bool usable_ = true;
};

// The word of report_kinds.inc for what ThreadSanitizer calls `title`.
absl::string_view ReportKindOf(absl::string_view title);

// Takes a number off the beginning of `text`. False if there is none, or it is too large.
bool ConsumeNumber(absl::string_view& text, uint64_t& number);

// The same for "0x7f00".
bool ConsumeAddress(absl::string_view& text, uint64_t& address);

// Takes all up to `end`, and `end`. False, and nothing taken, if `end` does not occur.
bool ConsumeUntil(absl::string_view& text, absl::string_view end, absl::string_view& before);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOG_REPORT_H_
