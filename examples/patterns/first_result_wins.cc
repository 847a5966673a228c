// SPDX-License-Identifier: Apache-2.0
// first_result_wins.cc: asks several servers the same, takes the first answer, and calls the others off.
//
// When: the slowest answers matter (a tail of a second in a thousand), and asking twice is cheap.
// Without room for all answers: each one that comes second waits at its send for ever.
//
// prints: oslo answered first, 2 others called off
#include <stray/stray.h>

#include <cstdio>
#include <string>

static bool IsUp(const std::string& server) { return server == "oslo"; }

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithCancel(stray::Background());
    const char* servers[] = {"berlin", "lisbon", "oslo"};
    auto answers = stray::MakeChan<std::string>(std::size(servers));
    stray::Atomic<int> called_off = 0;
    stray::WaitGroup asked;
    for (std::string server : servers) {
      asked.Go(server, [&, server, done = context.Done()] {
        if (IsUp(server)) return answers.Send(server);
        done.Recv();  // its answer would come some time
        called_off.Add(1);
      });
    }
    const std::string first = *answers.Recv();
    cancel();
    asked.Wait();
    std::printf("%s answered first, %d others called off\n", first.c_str(), called_off.Load());
  });
}
