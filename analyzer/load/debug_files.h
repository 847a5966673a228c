// SPDX-License-Identifier: Apache-2.0
// debug_files.h: where the debug information of a stripped file may lie. Names only, nothing is opened.
#ifndef STRAY_ANALYZER_LOAD_DEBUG_FILES_H_
#define STRAY_ANALYZER_LOAD_DEBUG_FILES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// DIR/.build-id/ab/cdef.debug for each directory. `build_id` is lower-case hex.
std::vector<std::string> DebugFilesByBuildId(absl::string_view build_id,
                                             const std::vector<std::string>& directories);

// Where GDB looks for `link`, the name in .gnu_debuglink of the module at the absolute path `module`:
// beside it, in .debug beside it, and under each directory with the module's own directory below. A link
// with a slash in it is not followed.
std::vector<std::string> DebugFilesByLink(absl::string_view module, absl::string_view link,
                                          const std::vector<std::string>& directories);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_DEBUG_FILES_H_
