// SPDX-License-Identifier: Apache-2.0
// tsan_report.h: a report of ThreadSanitizer's C and C++ runtime, LLVM's or gcc's.
//
//   WARNING: ThreadSanitizer: data race (pid=4711)
//     Write of size 4 at 0x7b04 by thread T1 (mutexes: write M0):
//       #0 ...
//     Location is global 'counter' of size 4 at 0x7b04 (shop+0x7b04)
//     Mutex M0 (0x7b10) created at:
//     Thread T1 'flusher' (tid=4713, running) created by main thread at:
//
//   SUMMARY: ...
#ifndef STRAY_ANALYZER_LOAD_TSAN_REPORT_H_
#define STRAY_ANALYZER_LOAD_TSAN_REPORT_H_

#include "absl/strings/string_view.h"
#include "analyzer/load/log_report.h"

namespace stray::analyzer {

class TsanReportReader : public LogReportReader {
 public:
  // `title`: what stands between "ThreadSanitizer: " and "(pid=".
  TsanReportReader(LogCode& code, absl::string_view title);

  void Take(absl::string_view line) override;

 private:
  // Each takes a line without its indentation; false, and nothing done, if it means something else.
  bool TakeSection(absl::string_view text);
  bool TakeAccess(absl::string_view text);
  bool TakeLocation(absl::string_view text);
  bool TakeHeap(absl::string_view text);
  bool TakeGlobal(absl::string_view text);
  bool TakeDescriptor(absl::string_view text);
  bool TakeOwned(absl::string_view text);
  bool TakeMutex(absl::string_view text);
  bool TakeThread(absl::string_view text);
  bool TakeOther(absl::string_view text);
  bool TakeCycle(absl::string_view text);
  bool TakeStep(absl::string_view text, uint64_t wanted);
  bool TakeGlued(absl::string_view line);

  void TakeFrame(NumberedFrame frame);
  void TakeSummary(absl::string_view text);

  LogCode& code_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TSAN_REPORT_H_
