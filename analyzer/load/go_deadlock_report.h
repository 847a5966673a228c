// SPDX-License-Identifier: Apache-2.0
// go_deadlock_report.h: a report of go-deadlock (github.com/sasha-s/go-deadlock), line by line.
//
//   POTENTIAL DEADLOCK: Inconsistent locking. saw this ordering in one goroutine:
//   happened before
//   src/cart.go:24 main.(*Cart).Flush { c.mu.Lock() } <<<<<
//
//   happened after
//   ...
//   in another goroutine: happened before
//   ...
//   happened after
//   ...
//
// The others begin with "POTENTIAL DEADLOCK: Recursive locking:", and with nothing behind the colon where a
// lock was waited for too long. What all goroutines do then, if it is printed, is a dump as Go's runtime prints
// it.
#ifndef STRAY_ANALYZER_LOAD_GO_DEADLOCK_REPORT_H_
#define STRAY_ANALYZER_LOAD_GO_DEADLOCK_REPORT_H_

#include "absl/strings/string_view.h"
#include "analyzer/load/log_report.h"

namespace stray::analyzer {

class GoDeadlockReportReader : public LogReportReader {
 public:
  static constexpr absl::string_view kHead = "POTENTIAL DEADLOCK:";

  // `title`: what stands behind the head.
  GoDeadlockReportReader(LogCode& code, absl::string_view title);

  void Take(absl::string_view line) override;
  bool IsComplete() const override { return complete_; }
  // Nothing marks its end: the program ends, or goes on with its own output.
  bool HasEndMark() const override { return false; }

 private:
  bool TakeSection(absl::string_view text);
  bool TakeLock(absl::string_view text);
  void BeginHeld();
  void BeginWanted();
  wire::LockStep* StepWith(bool wanted);
  uint32_t LockAt(uint64_t address);
  void NameLocks();
  void CheckTimeout();

  wire::LockStep* step_ = nullptr;  // the last one
  bool wants_ = false;              // the stack at hand is where a lock is wanted, and not where it was taken
  bool complete_ = false;
};

// "src/cart.go:24 main.(*Cart).Flush { c.mu.Lock() } <<<<<". False if it is no frame.
bool ParseGoDeadlockFrame(absl::string_view line, LogFrame& frame);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_GO_DEADLOCK_REPORT_H_
