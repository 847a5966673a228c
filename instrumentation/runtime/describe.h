// SPDX-License-Identifier: Apache-2.0
// describe.h: what the runtime shows of itself to an agent.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_DESCRIBE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_DESCRIBE_H_

#include "agent/wire/runtime_abi.h"

namespace stray::runtime {

// For runtime_abi::RuntimeDescriptor::describe. Objects are copied before they are looked at, by a call that
// fails where memory is gone: the task may have been woken, and the object freed, since the caller looked.
bool DescribeObject(uint16_t wait_reason, const void* object, runtime_abi::ObjectDescription* out);

// See runtime_abi::RuntimeDescriptor::cases.
uint32_t CasesOf(const runtime_abi::GoroutineRecord* record, runtime_abi::WaitingCase* out);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_DESCRIBE_H_
