// SPDX-License-Identifier: Apache-2.0
// events_that_fit.h: how long a trace may be that is kept in memory as a whole.
#ifndef STRAY_ANALYZER_LOAD_EVENTS_THAT_FIT_H_
#define STRAY_ANALYZER_LOAD_EVENTS_THAT_FIT_H_

#include "analyzer/trace/event.h"

namespace stray::analyzer {

// So many events, with what engines need of them, fit into half of the memory of the machine, or of the control
// group that the process is in.
EventIndex EventsThatFit();

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_EVENTS_THAT_FIT_H_
