// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/page_gate.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/cli/serve/random_token.h"

namespace stray::analyzer {
namespace {

HttpResponse Refusal(int status, absl::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = absl::StrCat(text, "\n");
  AddPageHeaders(response);
  return response;
}

// Cookies of one host are common to all of its ports.
std::string CookieName(uint16_t port) { return absl::StrCat("stray-", port); }

}  // namespace

PageGate::PageGate(uint16_t port, std::string token, std::string session)
    : port_(port), token_(std::move(token)), session_(std::move(session)) {}

bool PageGate::IsOwnHost(const std::string& host) const {
  return host == absl::StrCat("127.0.0.1:", port_) || host == absl::StrCat("localhost:", port_);
}

bool PageGate::HasSession(const std::string& cookies) const {
  const std::string begin = absl::StrCat(CookieName(port_), "=");
  for (absl::string_view cookie : absl::StrSplit(cookies, ';')) {
    cookie = absl::StripAsciiWhitespace(cookie);
    if (cookie.substr(0, begin.size()) == begin && IsSameToken(cookie.substr(begin.size()), session_))
      return true;
  }
  return false;
}

std::optional<HttpResponse> PageGate::Check(const HttpRequest& request) {
  if (!IsOwnHost(request.host))
    return Refusal(403, "ask for this machine by a name of its own: 127.0.0.1 or localhost");
  if (!request.fetch_site.empty() && request.fetch_site != "none" && request.fetch_site != "same-origin")
    return Refusal(
        403, "open the address that `stray ui` has printed by hand: links from elsewhere are not followed");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = Refusal(405, "Method Not Allowed");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  const absl::string_view given = request.Query("token");
  const bool exchanges = !token_.empty() && IsSameToken(given, token_);
  if (!exchanges && !HasSession(request.cookie))
    return Refusal(
        401, "this needs the address that `stray ui` has printed, which works once: start `stray ui` again");
  if (given.empty()) return std::nullopt;
  HttpResponse response = Refusal(303, "see /");
  response.headers.emplace_back("Location", "/");
  if (exchanges) {
    token_.clear();
    response.headers.emplace_back(
        "Set-Cookie", absl::StrCat(CookieName(port_), "=", session_, "; Path=/; HttpOnly; SameSite=Strict"));
  }
  return response;
}

void AddPageHeaders(HttpResponse& response) {
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
}

}  // namespace stray::analyzer
