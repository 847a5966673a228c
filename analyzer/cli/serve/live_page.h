// SPDX-License-Identifier: Apache-2.0
// live_page.h: the page of a running process: each look at it is a snapshot.
#ifndef STRAY_ANALYZER_CLI_SERVE_LIVE_PAGE_H_
#define STRAY_ANALYZER_CLI_SERVE_LIVE_PAGE_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/serve/live_processes.h"
#include "analyzer/cli/serve/page_server.h"
#include "analyzer/report/policy.h"

namespace stray::analyzer {

struct LiveSettings {
  JudgeSettings judge;
  Policy policy;
  bool prove = false;          // every look asks who can reach what
  uint64_t refresh_ms = 2000;  // between two looks of the page
};

class LivePage : public PageSource {
 public:
  // `find` lists the box of the process `pid`, as long as there is one.
  LivePage(std::function<std::vector<BoxView>()> find, pid_t pid, LiveSettings settings);

  absl::StatusOr<std::string> Page() override;
  bool IsLive() const override { return true; }
  absl::StatusOr<std::string> Data() override;
  absl::StatusOr<std::string> Snapshot() override;
  std::string SnapshotName() const override { return name_; }

 private:
  absl::StatusOr<Model> Look();

  LiveProcesses processes_;
  LiveSettings settings_;
  std::string name_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_LIVE_PAGE_H_
