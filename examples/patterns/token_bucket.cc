// SPDX-License-Identifier: Apache-2.0
// token_bucket.cc: tokens are added at a steady rate and saved up to a limit; each request takes one.
//
// When: the average rate is limited, but a burst after a quiet time is welcome.
// Without TrySend in the refill: a full bucket stops the one that fills it, which then cannot be told to end.
//
// prints: a burst of 3 at once, then one by one
#include <stray/stray.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

class TokenBucket {
 public:
  TokenBucket(size_t burst, std::chrono::nanoseconds interval) : tokens_(stray::MakeChan<stray::Unit>(burst)) {
    while (tokens_.TrySend({})) {  // full at first
    }
    refill_.Go("refill", [tokens = tokens_, stop = stop_, interval] {
      const stray::Ticker ticker = stray::NewTicker(interval);
      while (stray::Select(stray::OnRecv(ticker.C()), stray::OnRecv(stop)) == 0) tokens.TrySend({});
      ticker.Stop();
    });
  }
  ~TokenBucket() {
    stop_.Close();
    refill_.Wait();
  }

  bool TryTake() { return tokens_.TryRecv().has_value(); }
  void Take() { tokens_.Recv(); }

 private:
  stray::Chan<stray::Unit> tokens_;
  stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
  stray::WaitGroup refill_;
};

int main() {
  return stray::Main([] {
    TokenBucket slow(3, 1h);
    int burst = 0;
    while (slow.TryTake()) ++burst;
    TokenBucket fast(1, 1ms);
    for (int i = 0; i < 5; ++i) fast.Take();  // the first at once, the others as they come
    std::printf("a burst of %d at once, then one by one\n", burst);
  });
}
