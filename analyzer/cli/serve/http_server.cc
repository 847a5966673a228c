// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/http_server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <cstdlib>

namespace stray::analyzer {
namespace {

constexpr int kIdleSeconds = 60;  // to send a request, or to read the answer
constexpr ev_ssize_t kMostHeaderBytes = 16 << 10;
constexpr ev_ssize_t kMostBodyBytes = 1 << 20;

constexpr struct {
  evhttp_cmd_type command;
  const char* name;
} kMethods[] = {{EVHTTP_REQ_GET, "GET"},    {EVHTTP_REQ_POST, "POST"},     {EVHTTP_REQ_HEAD, "HEAD"},
                {EVHTTP_REQ_PUT, "PUT"},    {EVHTTP_REQ_DELETE, "DELETE"}, {EVHTTP_REQ_OPTIONS, "OPTIONS"},
                {EVHTTP_REQ_PATCH, "PATCH"}};

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* value) const {
    Function(value);
  }
};

std::string HeaderOf(evhttp_request* request, const char* name) {
  const char* value = evhttp_find_header(evhttp_request_get_input_headers(request), name);
  return value == nullptr ? "" : value;
}

std::string DecodedPath(const evhttp_uri* uri) {
  const char* raw = uri == nullptr ? nullptr : evhttp_uri_get_path(uri);
  if (raw == nullptr || *raw == '\0') return "/";
  size_t size = 0;
  const std::unique_ptr<char, Free<free>> decoded(evhttp_uridecode(raw, 0, &size));
  return decoded == nullptr ? "/" : std::string(decoded.get(), size);
}

HttpRequest ReadRequest(evhttp_request* request) {
  HttpRequest out;
  for (const auto& method : kMethods) {
    if (method.command == evhttp_request_get_command(request)) out.method = method.name;
  }
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  out.path = DecodedPath(uri);
  const char* query = uri == nullptr ? nullptr : evhttp_uri_get_query(uri);
  if (query != nullptr) out.raw_query = query;
  evkeyvalq pairs = {};
  if (query != nullptr && evhttp_parse_query_str(query, &pairs) == 0) {
    for (const evkeyval* pair = pairs.tqh_first; pair != nullptr; pair = pair->next.tqe_next) {
      out.query.try_emplace(pair->key, pair->value);
    }
    evhttp_clear_headers(&pairs);
  }
  out.host = HeaderOf(request, "Host");
  out.authorization = HeaderOf(request, "Authorization");
  out.cookie = HeaderOf(request, "Cookie");
  out.fetch_site = HeaderOf(request, "Sec-Fetch-Site");
  evbuffer* body = evhttp_request_get_input_buffer(request);
  out.body.resize(evbuffer_get_length(body));
  evbuffer_remove(body, out.body.data(), out.body.size());
  return out;
}

// A request that is worked on. The client may go away before there is an answer: then `request` is null.
struct Pending {
  evhttp_request* request = nullptr;
};

void Send(Pending& pending, const HttpResponse& response) {
  evhttp_request* request = std::exchange(pending.request, nullptr);
  if (request == nullptr) return;
  evhttp_connection* connection = evhttp_request_get_connection(request);
  if (connection != nullptr) evhttp_connection_set_closecb(connection, nullptr, nullptr);
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", response.type.c_str());
  evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
  evhttp_add_header(headers, "Cache-Control", "no-store");
  for (const auto& [name, value] : response.headers) evhttp_add_header(headers, name.c_str(), value.c_str());
  evbuffer_add(evhttp_request_get_output_buffer(request), response.body.data(), response.body.size());
  evhttp_send_reply(request, response.status, nullptr, nullptr);
}

}  // namespace

absl::string_view HttpRequest::Query(absl::string_view name) const {
  const auto found = query.find(std::string(name));
  return found == query.end() ? absl::string_view() : absl::string_view(found->second);
}

class HttpServer::Loop {
 public:
  Loop(FileDescriptor listener, Handler handler)
      : listener_(std::move(listener)), handler_(std::move(handler)), base_(event_base_new()) {
    if (base_ != nullptr) http_.reset(evhttp_new(base_.get()));
  }

  bool Open() {
    if (http_ == nullptr) return false;
    evhttp_set_timeout(http_.get(), kIdleSeconds);
    evhttp_set_max_headers_size(http_.get(), kMostHeaderBytes);
    evhttp_set_max_body_size(http_.get(), kMostBodyBytes);
    ev_uint16_t methods = 0;
    for (const auto& method : kMethods) methods |= static_cast<ev_uint16_t>(method.command);
    evhttp_set_allowed_methods(http_.get(), methods);
    evhttp_set_gencb(http_.get(), &Loop::OnRequest, this);
    // The server closes it.
    return evhttp_accept_socket(http_.get(), listener_.Release()) == 0;
  }

  void After(std::chrono::milliseconds time, std::function<void()> f) {
    const timeval wait = {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
    auto* owned = new std::function<void()>(std::move(f));
    if (event_base_once(base_.get(), -1, EV_TIMEOUT, &Loop::OnTime, owned, &wait) != 0) delete owned;
  }

  void OnReadable(int fd, std::function<void()> f) {
    readers_.push_back(std::make_unique<std::function<void()>>(std::move(f)));
    events_.emplace_back(
        event_new(base_.get(), fd, EV_READ | EV_PERSIST, &Loop::OnReady, readers_.back().get()));
    event_add(events_.back().get(), nullptr);
  }

  void Run() { event_base_dispatch(base_.get()); }
  void Stop() { event_base_loopbreak(base_.get()); }

 private:
  static void OnTime(evutil_socket_t, short, void* argument) {
    const std::unique_ptr<std::function<void()>> f(static_cast<std::function<void()>*>(argument));
    (*f)();
  }

  static void OnReady(evutil_socket_t, short, void* argument) {
    (*static_cast<std::function<void()>*>(argument))();
  }

  static void OnRequest(evhttp_request* request, void* argument) {
    auto pending = std::make_shared<Pending>();
    pending->request = request;
    if (evhttp_connection* connection = evhttp_request_get_connection(request); connection != nullptr) {
      evhttp_connection_set_closecb(
          connection, [](evhttp_connection*, void* gone) { static_cast<Pending*>(gone)->request = nullptr; },
          pending.get());
    }
    static_cast<Loop*>(argument)->handler_(
        ReadRequest(request), [pending](const HttpResponse& response) { Send(*pending, response); });
  }

  FileDescriptor listener_;
  Handler handler_;
  std::vector<std::unique_ptr<std::function<void()>>> readers_;
  std::unique_ptr<event_base, Free<event_base_free>> base_;
  std::unique_ptr<evhttp, Free<evhttp_free>> http_;
  std::vector<std::unique_ptr<event, Free<event_free>>> events_;
};

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Create(FileDescriptor listener, Handler handler) {
  auto loop = std::make_unique<Loop>(std::move(listener), std::move(handler));
  if (!loop->Open()) return absl::ResourceExhaustedError("no memory for the HTTP server");
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
}

void HttpServer::After(std::chrono::milliseconds time, std::function<void()> f) {
  loop_->After(time, std::move(f));
}
void HttpServer::OnReadable(int fd, std::function<void()> f) { loop_->OnReadable(fd, std::move(f)); }
void HttpServer::Run() { loop_->Run(); }
void HttpServer::Stop() { loop_->Stop(); }

}  // namespace stray::analyzer
