// SPDX-License-Identifier: Apache-2.0
// pprof_index.h: the page at /debug/pprof/.
#ifndef STRAY_ANALYZER_CLI_SERVE_PPROF_INDEX_H_
#define STRAY_ANALYZER_CLI_SERVE_PPROF_INDEX_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent/wire/dump.pb.h"

namespace stray::analyzer {

struct IndexEntry {
  std::string name;  // of a profile
  int64_t count = 0;
};

// HTML without scripts or styles. `pids` are all processes there are, of which `process` is shown; `token` goes
// into each link, if there is one.
std::string PprofIndexPage(const wire::Process& process, const std::vector<IndexEntry>& entries,
                           const std::vector<pid_t>& pids, const std::string& token);

// The arguments of process `pid`, with a zero byte between them, as Go's cmdline has them; "": it has ended.
std::string CommandLineOf(pid_t pid);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_PPROF_INDEX_H_
