// SPDX-License-Identifier: Apache-2.0
// trace_deadlock_apart.cc: opposite orders that never meet: the second thread is started when the first has
// been joined; a third one only tries; two more have a gate around.
//
// link: trace
#include <mutex>
#include <thread>

static std::mutex a, b, c, d, gate;

static void AbThenNothing() {
  std::lock_guard<std::mutex> hold_a(a);
  std::lock_guard<std::mutex> hold_b(b);
}

int main() {
  std::thread(AbThenNothing).join();
  std::thread([] {
    std::lock_guard<std::mutex> hold_b(b);
    std::lock_guard<std::mutex> hold_a(a);
  }).join();
  std::thread third(AbThenNothing);
  std::thread fourth([] {
    std::lock_guard<std::mutex> hold_b(b);
    if (a.try_lock()) a.unlock();
  });
  third.join();
  fourth.join();
  std::thread fifth([] {
    std::scoped_lock<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_c(c);
    std::lock_guard<std::mutex> hold_d(d);
  });
  std::thread sixth([] {
    std::scoped_lock<std::mutex> hold_gate(gate);
    std::lock_guard<std::mutex> hold_d(d);
    std::lock_guard<std::mutex> hold_c(c);
  });
  fifth.join();
  sixth.join();
}
