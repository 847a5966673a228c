// SPDX-License-Identifier: Apache-2.0
// leaky_test.cc: a thread that waits for a promise that is never kept.
#include <future>
#include <thread>

int main() {
  // Neither is destroyed: the end of a promise would wake who waits for it.
  auto* never = new std::promise<void>;
  auto* started = new std::promise<void>;
  std::thread([never, started] {
    auto kept = never->get_future();
    started->set_value();
    kept.wait();
  }).detach();
  started->get_future().wait();
  return 0;
}
