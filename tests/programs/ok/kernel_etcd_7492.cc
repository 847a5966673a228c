// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_7492.cc: tokens are handed over when their lock has been given back.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>
#include <map>
#include <mutex>

#include "tests/support/parked.h"

using namespace std::chrono_literals;

class TokenStore {
 public:
  void Assign(int user) {
    int token = 0;
    {
      std::lock_guard guard(mutex_);
      token = next_token_++;
      users_[token] = user;
    }
    added_.Send(token);
  }
  void RunKeeper() {
    const stray::Ticker ticker = stray::NewTicker(1ms);
    for (bool stopped = false; !stopped;) {
      stray::Select(stray::OnRecv(added_, [this](std::optional<int> token) { ++kept_[*token]; }),
                    stray::OnRecv(ticker.C(), [this](auto) { Expire(); }),
                    stray::OnRecv(stop_, [&stopped](auto) { stopped = true; }));
    }
    ticker.Stop();
  }
  void Stop() { stop_.Close(); }
  const stray::Milestone& ticked() const { return ticked_; }

 private:
  void Expire() {
    if (!ticked_.IsReached()) {
      ticked_.Reach();
      stray::AwaitParked(stray::WaitReason::kChanSend, added_.get());
    }
    std::lock_guard guard(mutex_);
    users_.erase(0);
    kept_.erase(0);
  }

  stray::RWMutex mutex_;
  std::map<int, int> users_, kept_;
  int next_token_ = 0;
  stray::Chan<int> added_ = stray::MakeChan<int>(1);
  stray::Chan<stray::Unit> stop_ = stray::MakeChan<stray::Unit>();
  stray::Milestone ticked_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    TokenStore store;
    stray::WaitGroup keeper, all;
    keeper.Go("keeper", [&store] { store.RunKeeper(); });
    store.ticked().Await();
    for (int user = 0; user < 3; ++user) {
      all.Go("user", [&store, user] { store.Assign(user); });
    }
    all.Wait();
    store.Stop();
    keeper.Wait();
  });
}
