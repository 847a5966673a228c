// SPDX-License-Identifier: Apache-2.0
// top_fixture.h: pictures of the shop (report_fixture.h), as input for tests of `stray top`.
#ifndef STRAY_TESTS_UNIT_ANALYZER_CLI_TOP_TOP_FIXTURE_H_
#define STRAY_TESTS_UNIT_ANALYZER_CLI_TOP_TOP_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>

#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/top/picture.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {

inline std::shared_ptr<const Picture> PictureOf(Model model) {
  Explain(model);
  Policy policy;
  Verdict verdict = Judge(model, JudgeSettings(), policy);
  return MakePicture(std::move(model), std::move(verdict));
}

// The shop, and more records.
inline std::shared_ptr<const Picture> ShopPicture(const std::string& more = "") {
  return PictureOf(ShopModel(more));
}

// Two more threads that wait where "reader" does.
inline constexpr char kMoreReaders[] = R"(
task { id: 5 kind: "thread" name: "reader" parent: 1 create_stack: 3 test: "Cart.Reads" }
task { id: 6 kind: "thread" name: "reader" parent: 1 create_stack: 3 }
task_state { task: 5 state: "blocked" wait_reason: "pthread_cond_wait" object: 3 stack: 4 wait_ns: 300000000 }
task_state { task: 6 state: "blocked" wait_reason: "pthread_cond_wait" object: 3 stack: 4 wait_ns: 400000000 }
)";

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_CLI_TOP_TOP_FIXTURE_H_
