// SPDX-License-Identifier: Apache-2.0
// profile_delta.h: what has changed from one profile of a program to a later one.
#ifndef STRAY_ANALYZER_REPORT_PROFILE_DELTA_H_
#define STRAY_ANALYZER_REPORT_PROFILE_DELTA_H_

#include "analyzer/report/task_profile.h"

namespace stray::analyzer {

// `now` minus `before`, of the same kind and the same processes: samples with the same stack and labels are
// taken off each other, and where nothing is left there is no sample; what is gone counts less than zero. Has
// the time of `before`, and how long it was from there. The models of both must outlive it.
TaskProfile ProfileDelta(const TaskProfile& now, const TaskProfile& before);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_PROFILE_DELTA_H_
