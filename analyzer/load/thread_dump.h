// SPDX-License-Identifier: Apache-2.0
// thread_dump.h: backtraces of all threads, as debuggers print them.
//
//   gdb, pstack: "thread apply all bt"                    eu-stack -p
//   Thread 2 (Thread 0x7f07 (LWP 11529) "flusher"):       PID 11527 - process
//   #0  0x00007f07 in poll (fds=0x0) at poll.c:29         TID 11529:
//   #1  0x00007f08 in ?? () from /lib/libstdc++.so.6      #0  0x00007f07 poll - /lib/libc.so.6
//   No locals.                                                ../sysdeps/unix/poll.c:29:3
//
// Lines of `bt full` are passed over, lines that a terminal has broken are put together. How a thread waits is
// told by its innermost functions.
#ifndef STRAY_ANALYZER_LOAD_THREAD_DUMP_H_
#define STRAY_ANALYZER_LOAD_THREAD_DUMP_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/load/listings.h"
#include "analyzer/load/text_lines.h"

namespace stray::analyzer {

// The first line of a thread. nullopt: it is none.
std::optional<ListedThread> ParseThreadHead(absl::string_view line);

// A frame without its number: "0x00007f07 in poll (fds=0x0) at poll.c:29", "0x00007f07 poll - /lib/libc.so.6".
// What follows in a line of its own is `place`: "../sysdeps/unix/poll.c:29:3".
LogFrame ParseThreadFrame(absl::string_view text, absl::string_view place);

class ThreadDumpReader {
 public:
  // Both must outlive this.
  ThreadDumpReader(TextLines& lines, Listings& listings) : lines_(lines), listings_(listings) {}

  // Takes the thread, or the head of a dump, that `lines` is at. False if none begins there.
  bool Take();

 private:
  bool TakeProcess();
  void ReadThread(ListedThread thread);
  void TakeFrameLine(absl::string_view line);
  void EndFrame();

  TextLines& lines_;
  Listings& listings_;
  TaskListing* listing_ = nullptr;
  std::string frame_;  // that may go on in the next line
  std::string place_;  // its, from a line of its own
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_THREAD_DUMP_H_
