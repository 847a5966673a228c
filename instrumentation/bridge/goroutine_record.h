// SPDX-License-Identifier: Apache-2.0
// goroutine_record.h: the names of agent/wire/runtime_abi.h, for the runtime.
#ifndef STRAY_INSTRUMENTATION_BRIDGE_GOROUTINE_RECORD_H_
#define STRAY_INSTRUMENTATION_BRIDGE_GOROUTINE_RECORD_H_

#include "agent/wire/runtime_abi.h"

namespace stray::bridge {
using namespace ::stray::runtime_abi;  // NOLINT(google-build-using-namespace): the same names, on this side
}  // namespace stray::bridge

#endif  // STRAY_INSTRUMENTATION_BRIDGE_GOROUTINE_RECORD_H_
