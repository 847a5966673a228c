// SPDX-License-Identifier: Apache-2.0
// agent_library.h: where libstray_agent.so is.
#ifndef STRAY_ANALYZER_CLI_RUN_AGENT_LIBRARY_H_
#define STRAY_ANALYZER_CLI_RUN_AGENT_LIBRARY_H_

#include <string>

#include "absl/status/statusor.h"

namespace stray::analyzer {

// Looks beside the running stray as it is built and installed (../lib, ../lib/stray, the multi-arch folder),
// then at $STRAY_AGENT. kNotFound names the places.
absl::StatusOr<std::string> FindAgentLibrary();

// The same for an executable at `executable`; `fallback` stands for $STRAY_AGENT and may be empty.
absl::StatusOr<std::string> FindAgentLibraryFor(const std::string& executable, const std::string& fallback);

// libstray_heap.so, which notes blocks of the heap for `stray run --prove`, and lies beside the agent.
absl::StatusOr<std::string> FindHeapLibrary(const std::string& agent);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_AGENT_LIBRARY_H_
