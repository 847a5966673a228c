// SPDX-License-Identifier: Apache-2.0
// names.h: names of tasks and objects, each kept once and for ever, so that anybody may read them at any time.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_NAMES_H_
#define STRAY_INSTRUMENTATION_RUNTIME_NAMES_H_

#include <string_view>

namespace stray::runtime {

// Any thread.
const char* KeepName(std::string_view name);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_NAMES_H_
