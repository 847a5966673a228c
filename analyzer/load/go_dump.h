// SPDX-License-Identifier: Apache-2.0
// go_dump.h: goroutines in a text: what Go's runtime prints, and what leak tests make of it.
//
//   /debug/pprof/goroutine?debug=2, runtime.Stack     all goroutines, as go_header.h and go_stack.h have them
//   panic: ..., fatal error: ..., SIGQUIT: quit       the same below what happened
//   found unexpected goroutines: [Goroutine 7 in state chan receive, with main.f on top of the stack: ...]
//                                                     goleak: goroutines that a test has left
//   leaktest: leaked goroutine: goroutine 7 [...]:    the same by leaktest
//
// A dump ends where a number occurs again, or the next one begins with what happened; each is a listing of its
// own. What leak tests have found is one listing, whoever said it: a goroutine that is left is found again by
// each test that follows.
#ifndef STRAY_ANALYZER_LOAD_GO_DUMP_H_
#define STRAY_ANALYZER_LOAD_GO_DUMP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/load/go_stack.h"
#include "analyzer/load/listings.h"
#include "analyzer/load/text_lines.h"

namespace stray::analyzer {

// What a program was doing wrong that died of it. Empty: nothing that stray has a word for.
struct GoFault {
  absl::string_view misuse;  // a word of misuse_kinds.inc
  absl::string_view call;    // "sync.WaitGroup.Add"
};

// `text`: "panic: send on closed channel", "fatal error: concurrent map writes".
GoFault FaultOfPanic(absl::string_view text);

class GoDumpReader {
 public:
  // Both must outlive this.
  GoDumpReader(TextLines& lines, Listings& listings) : lines_(lines), listings_(listings) {}

  // Takes the line that `lines` is at, and all that belongs to it. False if nothing begins there.
  bool Take();

  // The text is at its end.
  void Finish();

 private:
  // A listing and what reads its stacks.
  struct Dump {
    TaskListing* listing = nullptr;
    std::unique_ptr<GoStackReader> stacks;
  };
  // What happened, as it was printed before the goroutines.
  struct Prologue {
    std::string text;
    GoFault fault;
    bool asleep = false;
    size_t line = 0;
  };

  bool TakeHeader(size_t at);
  bool TakeLeak(size_t at);
  bool TakePrologue();
  Dump& BeginDump(Dump& dump);
  Dump& DumpOf(const GoHeader& header);
  void ReadGoroutine(Dump& dump, GoHeader header, absl::string_view told);
  void TellPrologue(TaskListing& listing, uint64_t goroutine);
  bool IsCut(const Dump& dump, const GoHeader& header, bool at_end) const;

  TextLines& lines_;
  Listings& listings_;
  Dump dump_;
  Dump leaks_;
  std::optional<Prologue> prologue_;  // that no goroutine has followed yet
  bool is_new_ = true;                // the next goroutine begins a dump
  bool continues_ = false;            // with GOTRACEBACK=crash: the next thread of the same dump
  size_t rule_line_ = 0;              // of the last "-----"; 0: there was none
  std::string status_;                // of a leak test's goroutine
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_GO_DUMP_H_
