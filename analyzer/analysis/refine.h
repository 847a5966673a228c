// SPDX-License-Identifier: Apache-2.0
// refine.h: names a wait by the frames above it, where the call alone does not tell.
//
// A thread inside futex(2) may be in absl::Mutex::Lock, std::future::get or Python's GIL. Which frames mean
// which words stands in wait_frames.inc.
#ifndef STRAY_ANALYZER_ANALYSIS_REFINE_H_
#define STRAY_ANALYZER_ANALYSIS_REFINE_H_

#include "analyzer/model/model.h"

namespace stray::analyzer {

// Sets TaskState.wait_reason of every blocked task whose stack tells more than its call, and keeps what
// stood there in TaskState.call. A state that has been refined before (`call` is set) is left alone, so a
// dump can be refined again. The same for waits that have ended. The process must be symbolized and indexed.
void RefineWaitReasons(ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_REFINE_H_
