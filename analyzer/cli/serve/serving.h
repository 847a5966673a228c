// SPDX-License-Identifier: Apache-2.0
// serving.h: `--http` of `stray run` and of `stray serve`: a process, or a loop, that serves.
#ifndef STRAY_ANALYZER_CLI_SERVE_SERVING_H_
#define STRAY_ANALYZER_CLI_SERVE_SERVING_H_

#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/cli/file_descriptor.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/serve/listen_address.h"
#include "analyzer/report/policy.h"

namespace stray::analyzer {

struct HttpSettings {
  std::optional<ListenAddress> address;  // nullopt: nothing is served
  std::string token;                     // empty: none is needed, or one is made up
};

// Adds --http and --http-token.
CLI::Option* AddHttpOptions(CLI::App& app, HttpSettings& settings);

// A socket that listens, and what to tell who asks there.
class Serving {
 public:
  // Listens. At an address that others than this machine reach a token is made up if none was given.
  static absl::StatusOr<Serving> Open(const HttpSettings& settings, const JudgeSettings& judge,
                                      const Policy& policy);
  Serving(Serving&&) = default;
  ~Serving();

  // What to open: the address, with the token if that was made up.
  std::string Url() const;

  // Serves processes whose boxes `find` lists, until `signals` (may be null) has one that ends a program, or
  // `is_over` (may be empty), which is asked now and then, says so.
  absl::Status Run(std::function<std::vector<BoxView>()> find, pid_t first, Signals* signals,
                   std::function<bool()> is_over);

  // The same in a process of its own, which goes away with this object.
  absl::Status RunBeside(std::function<std::vector<BoxView>()> find, pid_t first, const Signals& signals);

 private:
  Serving() = default;

  struct Unlinked {  // a moved-from one has none
    std::string path;
    Unlinked() = default;
    Unlinked(Unlinked&& other) noexcept : path(std::exchange(other.path, "")) {}
  };

  ListenAddress address_;
  std::string token_;
  bool made_token_ = false;
  JudgeSettings judge_;
  Policy policy_;
  FileDescriptor listener_;
  Unlinked socket_;
  struct Child {
    pid_t pid = 0;
    Child() = default;
    Child(Child&& other) noexcept : pid(std::exchange(other.pid, 0)) {}
  } child_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_SERVING_H_
