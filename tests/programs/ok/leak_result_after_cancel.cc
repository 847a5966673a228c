// SPDX-License-Identifier: Apache-2.0
// leak_result_after_cancel.cc: the workers, too, select on Done.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    auto results = stray::MakeChan<int>();
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup workers;
    for (int i = 0; i < 3; ++i) {
      workers.Go("worker", [results, done = context.Done(), i] {
        stray::Select(stray::OnSend(results, i), stray::OnRecv(done));
      });
    }
    cancel();
    workers.Wait();
  });
}
