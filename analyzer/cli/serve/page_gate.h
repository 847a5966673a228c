// SPDX-License-Identifier: Apache-2.0
// page_gate.h: who may see the page of `stray ui`: one browser of the user who has read the address.
//
//   GET /?token=T  --> a cookie, and on to /       once: T is worth nothing from then on
//   GET /          --> the page                    with the cookie
//
// A page of the web that somebody here has open can make the browser ask, but not see or do anything: the
// cookie is sent to nobody but this origin (SameSite), requests that another site has caused are refused
// (Sec-Fetch-Site), and so is a name of this machine that is none of its own (DNS rebinding).
#ifndef STRAY_ANALYZER_CLI_SERVE_PAGE_GATE_H_
#define STRAY_ANALYZER_CLI_SERVE_PAGE_GATE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "analyzer/cli/serve/http_server.h"

namespace stray::analyzer {

class PageGate {
 public:
  // For a server at 127.0.0.1 and `port`.
  PageGate(uint16_t port, std::string token, std::string session);

  // The answer to a request that may not pass, or that only exchanges the token. nullopt: it may pass.
  std::optional<HttpResponse> Check(const HttpRequest& request);

 private:
  bool IsOwnHost(const std::string& host) const;
  bool HasSession(const std::string& cookies) const;

  uint16_t port_;
  std::string token_;  // empty: it has been used
  std::string session_;
};

// Adds what keeps pages of other origins from using the answer; the server itself adds that it is neither
// guessed at nor stored.
void AddPageHeaders(HttpResponse& response);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_PAGE_GATE_H_
