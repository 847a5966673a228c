// SPDX-License-Identifier: Apache-2.0
// kernel_grpc_1275.cc: a reader waits for data of a stream whose close forgets to post a last message; who
// started it gives up after a while. After a kernel of GoBench (CGO 2021).
//
//   reader                 main
//   Select: received       .
//   .                      Close the stream    posts nothing
//   .                      timer, return
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>

#include <chrono>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

class Stream {
 public:
  int Read() {
    int data = 0;
    // want leak.blocked x1: "reader" waits in select
    stray::Select(stray::OnRecv(received_, [&data](std::optional<int> value) { data = value.value_or(0); }));
    return data;
  }
  void Close() { is_closed_ = true; }
  void AwaitReader() const { stray::AwaitParked(stray::WaitReason::kRuntimeSelect, received_.get()); }

 private:
  stray::Chan<int> received_ = stray::MakeChan<int>();
  bool is_closed_ = false;
};

int main() {
  return stray::Main([] {
    static Stream stream;
    auto done = stray::MakeChan<stray::Unit>();
    stray::Go("reader", [done] {
      stream.Read();
      done.Close();
    });
    stream.AwaitReader();
    stream.Close();
    const stray::Timer patience = stray::NewTimer(1ms);
    stray::Select(stray::OnRecv(done), stray::OnRecv(patience.C()));
  });
}
