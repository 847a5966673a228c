// SPDX-License-Identifier: Apache-2.0
// lock_order_first_use.cc: threads that meet at locks nobody has used before, each while it holds a gate.
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

constexpr int kPlaces = 2000, kThreads = 3;

struct Place {
  std::mutex mutex;
  std::shared_mutex rwlock;
};

static std::unique_ptr<Place[]> places = std::make_unique<Place[]>(kPlaces);
static std::array<std::mutex, kThreads> gates;
static std::atomic<int> arrived = 0;

// Nobody goes on before all are here.
static void Meet(int turn) {
  ++arrived;
  while (arrived.load() < turn * kThreads) std::this_thread::yield();
}

static void Work(int thread) {
  for (int i = 0; i < kPlaces; ++i) {
    std::lock_guard<std::mutex> hold_gate(gates[(i + thread) % kThreads]);
    Meet(2 * i + 1);
    places[i].mutex.lock();
    places[i].mutex.unlock();
    Meet(2 * i + 2);
    places[i].rwlock.lock();
    places[i].rwlock.unlock();
  }
}

int main() { std::jthread first(Work, 0), second(Work, 1), third(Work, 2); }
