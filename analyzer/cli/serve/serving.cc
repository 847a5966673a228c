// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/serving.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/serve/endpoints.h"
#include "analyzer/cli/serve/http_server.h"
#include "analyzer/cli/serve/random_token.h"

namespace stray::analyzer {
namespace {

constexpr std::chrono::milliseconds kOverInterval(200);

void LookForEnd(HttpServer& server, const std::function<bool()>& is_over) {
  if (is_over()) return server.Stop();
  server.After(kOverInterval, [&server, is_over] { LookForEnd(server, is_over); });
}

}  // namespace

CLI::Option* AddHttpOptions(CLI::App& app, HttpSettings& settings) {
  CLI::Option* address =
      AddParsed<std::string>(app, "--http", "Serve /debug/pprof/ and /metrics there: :6060, unix:PATH",
                             [&settings](const std::string& text) -> absl::Status {
                               absl::StatusOr<ListenAddress> parsed = ParseListenAddress(text);
                               if (parsed.ok()) settings.address = *std::move(parsed);
                               return parsed.status();
                             });
  address->type_name("ADDR");
  app.add_option("--http-token", settings.token,
                 "What who asks must know (default: made up if not on loopback)")
      ->type_name("TOKEN");
  return address;
}

absl::StatusOr<Serving> Serving::Open(const HttpSettings& settings, const JudgeSettings& judge,
                                      const Policy& policy) {
  Serving serving;
  serving.address_ = *settings.address;
  serving.token_ = settings.token;
  serving.judge_ = judge;
  serving.policy_ = policy;
  if (serving.token_.empty() && !serving.address_.IsLocal()) {
    absl::StatusOr<std::string> token = RandomToken();
    if (!token.ok())
      return absl::UnavailableError(absl::StrCat(token.status().message(), ": give one with --http-token"));
    serving.token_ = *std::move(token);
    serving.made_token_ = true;
  }
  absl::StatusOr<FileDescriptor> listener = Listen(serving.address_);
  if (!listener.ok()) return listener.status();
  serving.listener_ = *std::move(listener);
  serving.socket_.path = serving.address_.unix_path;
  return serving;
}

Serving::~Serving() {
  if (child_.pid != 0) {
    kill(child_.pid, SIGKILL);
    while (waitpid(child_.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (!socket_.path.empty()) unlink(socket_.path.c_str());
}

std::string Serving::Url() const {
  const std::string text = address_.Text();
  if (address_.IsUnix()) return text;
  return absl::StrCat(text, "/debug/pprof/", made_token_ ? absl::StrCat("?token=", token_) : "");
}

absl::Status Serving::Run(std::function<std::vector<BoxView>()> find, pid_t first, Signals* signals,
                          std::function<bool()> is_over) {
  signal(SIGPIPE, SIG_IGN);  // who asked may be gone
  std::unique_ptr<Endpoints> endpoints;
  absl::StatusOr<std::unique_ptr<HttpServer>> server =
      HttpServer::Create(std::move(listener_), [&](const HttpRequest& request, HttpServer::Reply reply) {
        endpoints->Handle(request, std::move(reply));
      });
  if (!server.ok()) return server.status();
  EndpointSettings settings;
  settings.address = address_;
  settings.token = token_;
  settings.judge = judge_;
  settings.policy = policy_;
  endpoints =
      std::make_unique<Endpoints>(std::move(settings), std::make_unique<LiveProcesses>(std::move(find), first),
                                  [&server](std::chrono::milliseconds time, std::function<void()> f) {
                                    (*server)->After(time, std::move(f));
                                  });
  if (signals != nullptr) {
    (*server)->OnReadable(signals->descriptor(), [&] {
      if (signals->IsAskedToEnd()) (*server)->Stop();
    });
  }
  if (is_over) LookForEnd(**server, is_over);
  (*server)->Run();
  return absl::OkStatus();
}

absl::Status Serving::RunBeside(std::function<std::vector<BoxView>()> find, pid_t first,
                                const Signals& signals) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "cannot start the process that serves");
  if (child > 0) {
    child_.pid = child;
    listener_.Close();
    return absl::OkStatus();
  }
  // Ctrl-C is for stray and the program: this ends when stray does.
  signals.GiveBack();
  for (const int number : {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP}) signal(number, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "stray-http");
  if (getppid() == parent) Run(std::move(find), first, nullptr, nullptr).IgnoreError();
  _exit(0);  // what stray cleans up at its end is not ours
}

}  // namespace stray::analyzer
