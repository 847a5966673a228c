// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_cross.cc: a writer and a reader take both locks in the same order.
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::shared_mutex a, b;
static int value = 0;

static void Write() {
  for (int i = 0; i < 500; ++i) {
    std::unique_lock<std::shared_mutex> hold_a(a);
    std::unique_lock<std::shared_mutex> hold_b(b);
    ++value;
  }
}

static void Read() {
  int sum = 0;
  for (int i = 0; i < 500; ++i) {
    std::shared_lock<std::shared_mutex> hold_a(a);
    std::shared_lock<std::shared_mutex> hold_b(b);
    sum += value;
  }
  if (sum < 0) throw sum;
}

int main() { std::jthread writer(Write), reader(Read); }
