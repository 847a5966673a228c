// SPDX-License-Identifier: Apache-2.0
// task_text.h: tasks that share their stacks, as a block of text.
//
//   T7 "flusher"  blocked for 2.1 s in pthread_mutex_lock
//     holds    mutex Cart::mu, taken at Cart::Flush (cart.cc:81)
//     wants    mutex Ledger::mu, held by T9 "writer"
//     at       Ledger::Append  ledger.cc:40   > lock_.lock();
//              Cart::Flush     cart.cc:85
//     started  by main at main (main.cc:12)
#ifndef STRAY_ANALYZER_REPORT_TASK_TEXT_H_
#define STRAY_ANALYZER_REPORT_TASK_TEXT_H_

#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/report/task_block.h"

namespace stray::analyzer {

enum class TaskStyle {
  kFull,     // stacks frame by frame, where it was started, what happened before
  kCompact,  // stacks as one chain: for lists of everything
  kListed,   // the same, with labels and where it was started
};

// `group.tasks` is not empty; its first task is shown, the others are counted and named.
void WriteTaskGroup(TaskBlockContext& context, const TaskGroup& group, TaskStyle style);

// The first line alone, with `addition` behind it.
void WriteTaskHeader(TaskBlockContext& context, const TaskGroup& group, absl::string_view addition);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_TEXT_H_
