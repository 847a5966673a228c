// SPDX-License-Identifier: Apache-2.0
// schedule_text.h: the order of events in which something predicted happens, a column for each task.
#ifndef STRAY_ANALYZER_REPORT_SCHEDULE_TEXT_H_
#define STRAY_ANALYZER_REPORT_SCHEDULE_TEXT_H_

#include "analyzer/report/task_block.h"

namespace stray::analyzer {

// Nothing if `schedule` is empty.
void WriteSchedule(TaskBlockContext& context, const wire::Schedule& schedule);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_SCHEDULE_TEXT_H_
