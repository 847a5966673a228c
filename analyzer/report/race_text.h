// SPDX-License-Identifier: Apache-2.0
// race_text.h: what a race detector's finding has beyond its tasks.
//
//   memory   heap block of 48 bytes at 0x720c00000030, allocated by main at
//            Shop::Open (shop.cc:37) < main (main.cc:8)
//   seen     3 times, by 2 ways through the code: log.4711:2, log.4711:40, log.4712:2
#ifndef STRAY_ANALYZER_REPORT_RACE_TEXT_H_
#define STRAY_ANALYZER_REPORT_RACE_TEXT_H_

#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/report/task_block.h"

namespace stray::analyzer {

// True for the roles that the stacks of accesses have.
bool IsRoleOfAccess(absl::string_view role);

// Writes what is known of the memory, where the reports stood, and what in them was not understood: lines with
// labels, and no schedule. Nothing for other findings.
void WriteReported(TaskBlockContext& context, const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_RACE_TEXT_H_
