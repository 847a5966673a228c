// SPDX-License-Identifier: Apache-2.0
// trace_leak_with_partner.cc: what nobody will send is closed.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>();
    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) all.Go([values] { values.Recv(); });
    values.Send(1);
    values.Close();
    all.Wait();
  });
}
