// SPDX-License-Identifier: Apache-2.0
// http_server.h: a small HTTP server on one thread, around libevent's.
//
// One request is worked on at a time: each needs a snapshot, and two at once would only disturb the watched
// program twice. What a request may cost is bounded: size of head and body, and time to send and to read them.
#ifndef STRAY_ANALYZER_CLI_SERVE_HTTP_SERVER_H_
#define STRAY_ANALYZER_CLI_SERVE_HTTP_SERVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {

struct HttpRequest {
  std::string method;  // "GET", "POST", ...
  std::string path;    // decoded, begins with a slash
  absl::flat_hash_map<std::string, std::string> query;
  std::string raw_query;
  std::string host;           // header Host
  std::string authorization;  // header Authorization
  std::string cookie;         // header Cookie
  std::string fetch_site;     // header Sec-Fetch-Site: whose page has made a browser ask
  std::string body;

  // The value of `name` in the query, "": none.
  absl::string_view Query(absl::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

class HttpServer {
 public:
  // Sends the answer, once; later is fine. Dropped, it sends nothing: only for a server that stops.
  using Reply = std::function<void(HttpResponse)>;
  using Handler = std::function<void(const HttpRequest&, Reply)>;

  // `listener` is a socket that listens and does not block. kResourceExhausted: no memory.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Create(FileDescriptor listener, Handler handler);
  ~HttpServer();

  // Calls `f` after that time, on the thread of Run().
  void After(std::chrono::milliseconds time, std::function<void()> f);

  // Calls `f` when `fd` can be read, each time.
  void OnReadable(int fd, std::function<void()> f);

  // Serves until Stop().
  void Run();
  void Stop();

 private:
  class Loop;
  explicit HttpServer(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_HTTP_SERVER_H_
