// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/exit_status.h"

#include <sys/wait.h>

namespace stray::analyzer {

int ExitStatus(const RunOutcome& outcome, int findings_status) {
  switch (outcome.end) {
    case RunEnd::kTimeout:
      return kStatusTimeout;
    case RunEnd::kInterrupted:
      return 128 + outcome.signal;
    case RunEnd::kHang:
      return findings_status;
    case RunEnd::kByItself:
      break;
  }
  if (WIFSIGNALED(outcome.wait_status)) return 128 + WTERMSIG(outcome.wait_status);
  if (WEXITSTATUS(outcome.wait_status) != 0) return WEXITSTATUS(outcome.wait_status);
  if (outcome.failing_findings) return findings_status;
  return outcome.incomplete ? kStatusIncomplete : 0;
}

}  // namespace stray::analyzer
