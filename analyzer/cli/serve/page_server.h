// SPDX-License-Identifier: Apache-2.0
// page_server.h: the server of `stray ui`: shows the page to one browser on this machine (page_gate.h).
//
//   /            the page, with data in it
//   /data        of a running process: the data of this moment
//   /snapshot    of a running process: a dump
#ifndef STRAY_ANALYZER_CLI_SERVE_PAGE_SERVER_H_
#define STRAY_ANALYZER_CLI_SERVE_PAGE_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "analyzer/cli/file_descriptor.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/serve/http_server.h"
#include "analyzer/cli/serve/page_gate.h"

namespace stray::analyzer {

// Where the page gets what it shows.
class PageSource {
 public:
  virtual ~PageSource() = default;

  // The page as a file of HTML.
  virtual absl::StatusOr<std::string> Page() = 0;

  // True if there is more than the page: /data and /snapshot.
  virtual bool IsLive() const { return false; }
  virtual absl::StatusOr<std::string> Data() { return absl::NotFoundError("not live"); }
  virtual absl::StatusOr<std::string> Snapshot() { return absl::NotFoundError("not live"); }
  // A name for the file of Snapshot().
  virtual std::string SnapshotName() const { return ""; }
};

class PageServer {
 public:
  // Listens on the loopback interface; port 0: any that is free.
  static absl::StatusOr<PageServer> Open(uint16_t port);

  // What to open, with the token that works once.
  std::string Url() const;

  // Serves until a signal that ends programs, or until `is_over` (may be empty), which is asked now and then.
  absl::Status Run(PageSource& source, Signals& signals, std::function<bool()> is_over);

 private:
  PageServer() = default;

  uint16_t port_ = 0;
  std::string token_;
  std::string session_;
  FileDescriptor listener_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_PAGE_SERVER_H_
