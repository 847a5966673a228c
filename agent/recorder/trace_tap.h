// SPDX-License-Identifier: Apache-2.0
// trace_tap.h: writes to the trace what the goroutine runtime tells: agent/wire/trace_tap.h.
#ifndef STRAY_AGENT_RECORDER_TRACE_TAP_H_
#define STRAY_AGENT_RECORDER_TRACE_TAP_H_

#include "agent/wire/trace_tap.h"

namespace stray::agent {

// Null: no trace is recorded.
const trace::Tap* TraceTap();

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_TRACE_TAP_H_
