// SPDX-License-Identifier: Apache-2.0
// test_desk.h: answers tests of the program that ask, at their end, what they have left behind
// (agent/wire/test_desk.h; stray/gtest.h asks), and programs that want to know what is proved of them
// (stray/check.h).
#ifndef STRAY_ANALYZER_CLI_RUN_TEST_DESK_H_
#define STRAY_ANALYZER_CLI_RUN_TEST_DESK_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/analysis/test_findings.h"
#include "analyzer/analysis/wait_ages.h"
#include "analyzer/cli/file_descriptor.h"
#include "analyzer/cli/run/session.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class TestDesk {
 public:
  // Of a model as it was read: the findings that make a run fail, which refer to it.
  using FindFailures = std::function<std::vector<Finding>(Model&)>;

  // `session` must outlive it. Fails where the socket cannot be made; tests are told so then.
  static absl::StatusOr<TestDesk> Open(const Session& session, FindFailures find_failures);

  // Readable while somebody waits.
  int descriptor() const { return listener_.get(); }

  // Answers one who waits, if there is one. What a process gets wrong harms itself alone.
  void Serve();

 private:
  TestDesk(const Session& session, FileDescriptor listener, FindFailures find_failures);
  // nullopt: a second snapshot is needed.
  std::optional<std::string> AnswerFor(pid_t pid, uint32_t test);
  std::optional<std::string> ProvedOf(Model& model, bool is_again);

  const Session& session_;
  FileDescriptor listener_;
  FindFailures find_failures_;
  std::map<pid_t, TestFindings> told_;
  std::map<pid_t, WaitAges> waits_;  // of processes that are to take a second snapshot
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_TEST_DESK_H_
