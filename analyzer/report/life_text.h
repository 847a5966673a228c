// SPDX-License-Identifier: Apache-2.0
// life_text.h: what the parts of a timeline are called.
#ifndef STRAY_ANALYZER_REPORT_LIFE_TEXT_H_
#define STRAY_ANALYZER_REPORT_LIFE_TEXT_H_

#include <string>

#include "analyzer/model/model.h"

namespace stray::analyzer {

// As tasks are called everywhere, also one that the model does not know any more: T7 "flusher", G3.
std::string LifeLabel(const ProcessModel& process, const TaskLife& life);

// "running", "runnable", "chan receive", "several".
std::string LifeWord(const ActivitySpan& span);

// "creates", "wakes", "hands over", "sends".
std::string ArrowWord(ArrowKind kind);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_LIFE_TEXT_H_
