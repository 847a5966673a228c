// SPDX-License-Identifier: Apache-2.0
// go_race_report.h: a report of Go's race detector (`go build -race`, `go test -race`).
//
//   WARNING: DATA RACE
//   Write at 0x00c00001a080 by goroutine 8:
//     shop.(*Cart).add()
//         app/cart.go:55 +0x8f
//
//   Previous read at 0x00c00001a080 by main goroutine:
//     [failed to restore the stack]
//
//   Goroutine 8 (running) created at:
//
// It knows nothing of locks, sizes and names. An atomic access is told by the function that makes it.
#ifndef STRAY_ANALYZER_LOAD_GO_RACE_REPORT_H_
#define STRAY_ANALYZER_LOAD_GO_RACE_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/load/log_report.h"

namespace stray::analyzer {

class GoRaceReportReader : public LogReportReader {
 public:
  // `title`: "DATA RACE" or "DEADLOCK".
  GoRaceReportReader(LogCode& code, absl::string_view title);

  void Take(absl::string_view line) override;

 private:
  bool TakeSection(absl::string_view text);
  bool TakeAccess(absl::string_view text);
  bool TakeGoroutine(absl::string_view text);
  bool TakeHeap(absl::string_view text);
  bool TakeGlobal(absl::string_view text);
  bool TakeStep(absl::string_view text);
  bool TakeHeldSince(absl::string_view text);
  void NoteAtomic(const LogFrame& frame);

  std::string function_;            // of a frame whose place is the next line
  wire::Access* access_ = nullptr;  // whose stack is being read
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_GO_RACE_REPORT_H_
