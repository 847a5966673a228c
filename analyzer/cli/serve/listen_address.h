// SPDX-License-Identifier: Apache-2.0
// listen_address.h: where `--http` listens.
#ifndef STRAY_ANALYZER_CLI_SERVE_LISTEN_ADDRESS_H_
#define STRAY_ANALYZER_CLI_SERVE_LISTEN_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {

struct ListenAddress {
  std::string host;  // a name or a number, without brackets; empty: unix_path
  uint16_t port = 0;
  std::string unix_path;

  bool IsUnix() const { return host.empty(); }
  // Only this machine gets there: a token is not needed.
  bool IsLocal() const;
  // "http://127.0.0.1:6060", "unix:/run/app.sock"
  std::string Text() const;
};

// Reads "127.0.0.1:6060", "[::1]:6060", ":6060" or "6060" (both of them the loopback interface; port 0: any
// that is free), "unix:/path".
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// A socket that takes connections there; the port that was chosen is stored in `address`. A unix socket belongs
// to this user alone; one that nobody listens at any more is replaced. The message of a failure names the
// address.
absl::StatusOr<FileDescriptor> Listen(ListenAddress& address);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_LISTEN_ADDRESS_H_
