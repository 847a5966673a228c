// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_1687.cc: a stream is written to after its status, which ends the connection; the channel that the
// stream's writes go through is never closed.
//
// GoBench (CGO 2021): grpc_1687.
//
// link: runtime
// modes: gcc-O2 static-tsan
#include <stray/stray.h>

#include <functional>
#include <string>

// The server's side of a connection. What answers a stream is run by the goroutine that got the request.
class HandlerTransport {
 public:
  void HandleStreams() {
    for (bool is_open = true; is_open;) {
      stray::Select(stray::OnRecv(closed_, [&](auto) { is_open = false; }),
                    stray::OnRecv(writes_, [&](std::optional<std::function<void()>> write) {
                      is_open = write.has_value();
                      if (is_open) (*write)();
                    }));
    }
  }
  bool Write(const std::string& data) {
    return Do([this, data] { body_ += data; });
  }
  bool WriteStatus(int status) {
    const bool written = Do([this, status] { status_ = status; });
    if (written) closed_.Close();
    return written;
  }

 private:
  // False if the connection is closed.
  bool Do(std::function<void()> write) {
    bool is_open = true;
    const auto notice = [&](auto) { is_open = false; };
    stray::Select(stray::OnRecv(closed_, notice), stray::OnDefault());
    if (!is_open) return false;
    stray::Select(stray::OnSend(writes_, std::move(write)), stray::OnRecv(closed_, notice));
    return is_open;
  }

  const stray::Chan<std::function<void()>> writes_ = stray::MakeChan<std::function<void()>>();
  const stray::Chan<stray::Unit> closed_ = stray::MakeChan<stray::Unit>();
  std::string body_;
  int status_ = 0;
};

int main() {
  return stray::Main([] {
    HandlerTransport transport;
    stray::WaitGroup handler;
    handler.Go("handler", [&] { transport.HandleStreams(); });
    transport.Write("hello");
    transport.WriteStatus(0);
    transport.Write("too late");
    handler.Wait();
  });
}
