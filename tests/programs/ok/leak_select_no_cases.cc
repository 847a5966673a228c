// SPDX-License-Identifier: Apache-2.0
// leak_select_no_cases.cc: it runs until it is told to stop.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    auto stop = stray::MakeChan<stray::Unit>();
    stray::WaitGroup server;
    server.Go("server", [stop] { stray::Select(stray::OnRecv(stop)); });
    stop.Close();
    server.Wait();
  });
}
