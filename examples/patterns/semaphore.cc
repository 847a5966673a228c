// SPDX-License-Identifier: Apache-2.0
// semaphore.cc: a buffered channel as a semaphore: sending takes a place, receiving gives it back.
//
// When: goroutines that exist anyway share something that only so many may use; stray::Semaphore is the same
// with weights and a context.
// Without a scope for the place: a path that returns early keeps it, and one day nobody gets one any more.
//
// prints: 30 queries, never more than 3 at once
#include <stray/stray.h>

#include <cstdio>

class Places {
 public:
  explicit Places(size_t count) : taken_(stray::MakeChan<stray::Unit>(count)) {}

  // Holds a place for as long as it lives.
  class Scope {
   public:
    explicit Scope(Places& places) : taken_(places.taken_) { taken_.Send({}); }
    ~Scope() { taken_.Recv(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    stray::Chan<stray::Unit> taken_;
  };

 private:
  stray::Chan<stray::Unit> taken_;
};

int main() {
  return stray::Main([] {
    Places connections(3);
    stray::Atomic<int> running = 0, queries = 0, most = 0;
    stray::WaitGroup clients;
    for (int i = 0; i < 30; ++i) {
      clients.Go("client", [&] {
        Places::Scope place(connections);
        if (running.Add(1) > 3) most.Store(running.Load());
        stray::Yield();
        queries.Add(1);
        running.Add(-1);
      });
    }
    clients.Wait();
    std::printf("%d queries, %s\n", queries.Load(), most.Load() > 3 ? "too many" : "never more than 3 at once");
  });
}
