// SPDX-License-Identifier: Apache-2.0
// leak_result_after_timeout.cc: the channel has room for the result, so the worker ends, whoever listens.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>

int main() {
  return stray::Main([] {
    auto result = stray::MakeChan<int>(1);
    auto gave_up = stray::MakeChan<stray::Unit>();
    stray::WaitGroup worker;
    worker.Go("worker", [=] {
      gave_up.Recv();
      result.Send(42);
    });
    stray::Select(stray::OnRecv(result), stray::OnRecv(stray::After(std::chrono::milliseconds(1))));
    gave_up.Close();
    worker.Wait();
  });
}
