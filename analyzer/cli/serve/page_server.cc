// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/page_server.h"

#include <signal.h>

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/cli/serve/listen_address.h"
#include "analyzer/cli/serve/random_token.h"
#include "ui/web/page_file.h"

namespace stray::analyzer {
namespace {

constexpr std::chrono::milliseconds kOverInterval(200);

HttpResponse Answer(absl::StatusOr<std::string> body, std::string type) {
  HttpResponse response;
  if (body.ok()) {
    response.type = std::move(type);
    response.body = *std::move(body);
  } else {
    response.status = absl::IsNotFound(body.status())           ? 404
                      : absl::IsDeadlineExceeded(body.status()) ? 504
                                                                : 503;
    response.body = absl::StrCat(body.status().message(), "\n");
  }
  AddPageHeaders(response);
  return response;
}

HttpResponse Respond(PageSource& source, const HttpRequest& request) {
  if (request.path == "/") {
    HttpResponse response = Answer(source.Page(), "text/html; charset=utf-8");
    response.headers.emplace_back("Content-Security-Policy", ui::PagePolicy(source.IsLive()));
    return response;
  }
  if (source.IsLive() && request.path == "/data") return Answer(source.Data(), "application/json");
  if (source.IsLive() && request.path == "/snapshot") {
    HttpResponse response = Answer(source.Snapshot(), "application/octet-stream");
    const std::string name = absl::StrReplaceAll(source.SnapshotName(), {{"\"", "_"}, {"\\", "_"}});
    response.headers.emplace_back("Content-Disposition", absl::StrCat("attachment; filename=\"", name, "\""));
    return response;
  }
  return Answer(absl::NotFoundError("there is nothing here; the page is at /"), "");
}

void LookForEnd(HttpServer& server, const std::function<bool()>& is_over) {
  if (is_over()) return server.Stop();
  server.After(kOverInterval, [&server, is_over] { LookForEnd(server, is_over); });
}

}  // namespace

absl::StatusOr<PageServer> PageServer::Open(uint16_t port) {
  PageServer server;
  for (std::string* secret : {&server.token_, &server.session_}) {
    absl::StatusOr<std::string> random = RandomToken();
    if (!random.ok()) return random.status();
    *secret = *std::move(random);
  }
  ListenAddress address{.host = "127.0.0.1", .port = port, .unix_path = ""};
  absl::StatusOr<FileDescriptor> listener = Listen(address);
  if (!listener.ok()) return listener.status();
  server.port_ = address.port;
  server.listener_ = *std::move(listener);
  return server;
}

std::string PageServer::Url() const { return absl::StrCat("http://127.0.0.1:", port_, "/?token=", token_); }

absl::Status PageServer::Run(PageSource& source, Signals& signals, std::function<bool()> is_over) {
  signal(SIGPIPE, SIG_IGN);  // who asked may be gone
  PageGate gate(port_, token_, session_);
  absl::StatusOr<std::unique_ptr<HttpServer>> server =
      HttpServer::Create(std::move(listener_), [&](const HttpRequest& request, const HttpServer::Reply& reply) {
        std::optional<HttpResponse> refusal = gate.Check(request);
        reply(refusal.has_value() ? *std::move(refusal) : Respond(source, request));
      });
  if (!server.ok()) return server.status();
  (*server)->OnReadable(signals.descriptor(), [&] {
    if (signals.IsAskedToEnd()) (*server)->Stop();
  });
  if (is_over) LookForEnd(**server, is_over);
  (*server)->Run();
  return absl::OkStatus();
}

}  // namespace stray::analyzer
