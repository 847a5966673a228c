// SPDX-License-Identifier: Apache-2.0
// load_progress.h: how far the reading of a large file has come.
#ifndef STRAY_ANALYZER_LOAD_LOAD_PROGRESS_H_
#define STRAY_ANALYZER_LOAD_LOAD_PROGRESS_H_

#include <cstdint>
#include <functional>

namespace stray::analyzer {

// Is called now and then, every few megabytes, with the bytes that are read and those that there are. May be
// null.
using LoadProgress = std::function<void(uint64_t done, uint64_t all)>;

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOAD_PROGRESS_H_
