// SPDX-License-Identifier: Apache-2.0
// wait_text.h: what a task holds, what it waits for and who keeps it waiting.
#ifndef STRAY_ANALYZER_REPORT_WAIT_TEXT_H_
#define STRAY_ANALYZER_REPORT_WAIT_TEXT_H_

#include "analyzer/analysis/finding.h"
#include "analyzer/report/task_block.h"

namespace stray::analyzer {

// "holds    mutex Cart::mu, taken at Cart::Flush (cart.cc:81) < FlushLoop (main.cc:31)", a line each.
void WriteHeld(TaskBlockContext& context, const EvidenceTask& task);

// "wants    mutex Ledger::mu, held by T9 "writer""; of a group what its first task waits for.
void WriteWanted(TaskBlockContext& context, const TaskGroup& group);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_WAIT_TEXT_H_
