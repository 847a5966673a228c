// SPDX-License-Identifier: Apache-2.0
// demangle.h: linkage names as people write them.
#ifndef STRAY_ANALYZER_LOAD_DEMANGLE_H_
#define STRAY_ANALYZER_LOAD_DEMANGLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

bool IsMangled(absl::string_view name);

// `name` demangled (C++, Rust, D), without the suffix of a clone; as it is if it is not mangled.
std::string Demangle(absl::string_view name);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_DEMANGLE_H_
