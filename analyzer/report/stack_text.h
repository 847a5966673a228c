// SPDX-License-Identifier: Apache-2.0
// stack_text.h: stacks as lines for people.
//
//   Ledger::Append  ledger.cc:40   > lock_.lock();
//   .. 4 internal frames (std::function<void ()>::operator())
//   Cart::Flush     cart.cc:85
//
// Function names are never cut here: where name and place do not fit into one line, the place goes to the
// next.
#ifndef STRAY_ANALYZER_REPORT_STACK_TEXT_H_
#define STRAY_ANALYZER_REPORT_STACK_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"
#include "analyzer/report/page.h"
#include "analyzer/report/source_lines.h"

namespace stray::analyzer {

struct StackStyle {
  size_t width = 80;               // of one line, without its indentation
  size_t max_frames = 12;          // more are summed up in a line that says how many
  SourceLines* sources = nullptr;  // null: no source line is quoted
  absl::string_view known_call;    // the call that was named already: a frame of its own would repeat it
};

// One element per line. Never empty: a stack that is missing says so.
std::vector<std::vector<Span>> StackLines(const ProcessModel& process, const EvidenceStack& stack,
                                          const StackStyle& style);

// The same in one go: "Pool::Worker (pool.cc:33) < Pool::Run (pool.cc:12) < ..", `max_frames` user frames.
std::string StackChain(const ProcessModel& process, const EvidenceStack& stack, size_t max_frames);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_STACK_TEXT_H_
