// SPDX-License-Identifier: Apache-2.0
// leaks.h: leak.blocked, leak.alive and leak.unjoined.
//
// At the end of a program: every task that is left is a leak, unless it is main, ended the program, or is
// on the list of default ignores. It is leak.blocked if nothing can wake it any more, else leak.alive. A
// member of a circle is in deadlock.cycle and not here. Tasks with the same stacks are one finding, and so are
// tasks that want one lock whose holder has ended.
//
// While a program runs only what is proved counts: tasks that can never move again. Nothing if deadlock.all
// lists them already.
//
// Tasks that are stuck only because another one is are consequences of the finding about that one
// (consequences.h).
#ifndef STRAY_ANALYZER_ANALYSIS_LEAKS_H_
#define STRAY_ANALYZER_ANALYSIS_LEAKS_H_

#include <vector>

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

std::vector<Finding> FindLeaks(const Diagnosis& diagnosis);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LEAKS_H_
