// SPDX-License-Identifier: Apache-2.0
// find_box.h: the black box of a process that somebody else started under stray.
#ifndef STRAY_ANALYZER_CLI_RUN_FIND_BOX_H_
#define STRAY_ANALYZER_CLI_RUN_FIND_BOX_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/run/box_view.h"

namespace stray::analyzer {

// A mapping of a file named *.box.
struct BoxMapping {
  std::string range;  // "7f0000000000-7f0000100000", as /proc/PID/map_files names it
  std::string path;
  bool deleted = false;  // its session is over; only the process still has it
};

// The mappings of black boxes in the text of a /proc/PID/maps file, each file once.
std::vector<BoxMapping> BoxMappings(absl::string_view maps);

// kNotFound: no such process; kPermissionDenied: not ours to look at; kFailedPrecondition: not under stray.
absl::StatusOr<BoxView> FindBox(pid_t pid);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_FIND_BOX_H_
