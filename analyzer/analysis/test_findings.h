// SPDX-License-Identifier: Apache-2.0
// test_findings.h: which findings a test of the program has to answer for, when it ends.
#ifndef STRAY_ANALYZER_ANALYSIS_TEST_FINDINGS_H_
#define STRAY_ANALYZER_ANALYSIS_TEST_FINDINGS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// Of one process, whose tests end one after the other or at the same time. A leak and a deadlock belong to the
// test whose tasks they are, and are told to it once. What happens and is over, a race or a misuse, belongs to
// the first test that ends after it and had a part in it by a task of its own, or by the one that runs the
// test.
class TestFindings {
 public:
  // Those of `findings`, all of `process`, that are new to the test whose end its last snapshot shows.
  std::vector<Finding> TakeNew(const ProcessModel& process, std::vector<Finding> findings);

 private:
  // How many have been told, by signature and, of leaks and deadlocks, by test.
  absl::flat_hash_map<std::pair<uint32_t, std::string>, uint64_t> told_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_TEST_FINDINGS_H_
