// SPDX-License-Identifier: Apache-2.0
// label_text.h: the labels of a group of tasks in one line: "request=42, user=bob", or, where the tasks differ,
// "request=7, 9, 12 and 35 more".
#ifndef STRAY_ANALYZER_REPORT_LABEL_TEXT_H_
#define STRAY_ANALYZER_REPORT_LABEL_TEXT_H_

#include <string>

#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Empty if no task of the group has labels. Keys in order of the alphabet, values in order of first sight.
std::string LabelText(const ProcessModel& process, const TaskGroup& group);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_LABEL_TEXT_H_
