// SPDX-License-Identifier: Apache-2.0
// finding_text.h: one finding as a block of text.
#ifndef STRAY_ANALYZER_REPORT_FINDING_TEXT_H_
#define STRAY_ANALYZER_REPORT_FINDING_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/report/task_block.h"

namespace stray::analyzer {

// Writes `finding` with its number in the report; 0: it has none. Clears context.introduced first.
void WriteFinding(TaskBlockContext& context, size_t number, const Finding& finding);

// Writes kind, address and origin of every object that context.names has named; nothing if there is none.
void WriteObjects(TaskBlockContext& context);

// What is special about an object, and where it was first used: "recursive, first locked at Cart::Flush
// (cart.cc:81)"; "": nothing is known.
std::string ObjectFacts(const ProcessModel& process, const wire::Object& object);

// "1 deadlock, 2 leaks (39 tasks)".
std::string CategoriesText(const std::vector<const Finding*>& findings);

// "proved", "likely", "heuristic".
std::string ConfidenceText(Confidence confidence);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_FINDING_TEXT_H_
