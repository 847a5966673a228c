// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_7492.cc: tokens are handed to their keeper under the token lock, which the keeper takes on a
// tick, and so does not read its channel any more. After a kernel of GoBench (CGO 2021).
//
//   keeper              first, second, third               main
//   tick                .                                  .
//   .                   Lock, Send (room for one), Unlock  .
//   .                   Lock, Send                         .     waits for the keeper
//   Expire: Lock        .                                  .     waits for who sends
//   .                   Lock                               Wait
//
// link: runtime
// modes: gcc-O2
// exit: 2
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
    std::lock_guard guard(mutex_);
    users_[next_token_] = user;
    added_.Send(next_token_++);  // missed(#5) deadlock.cycle: \[chan send\]
  }
  void RunKeeper() {
    const stray::Ticker ticker = stray::NewTicker(1ms);
    for (;;) {
      stray::Select(stray::OnRecv(added_, [this](std::optional<int> token) { ++kept_[*token]; }),
                    stray::OnRecv(ticker.C(), [this](auto) { Expire(); }));
    }
  }
  const stray::Milestone& ticked() const { return ticked_; }

 private:
  void Expire() {
    ticked_.Reach();
    stray::AwaitParked(stray::WaitReason::kChanSend, added_.get());
    std::lock_guard guard(mutex_);
    users_.erase(0);
    kept_.erase(0);
  }

  stray::RWMutex mutex_;
  std::map<int, int> users_, kept_;
  int next_token_ = 0;
  stray::Chan<int> added_ = stray::MakeChan<int>(1);
  stray::Milestone ticked_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    static TokenStore store;
    stray::Go("keeper", [] { store.RunKeeper(); });
    store.ticked().Await();
    stray::WaitGroup all;
    for (int user = 0; user < 3; ++user) {
      all.Go("user", [user] { store.Assign(user); });
    }
    all.Wait();  // want deadlock.all x1: main waits in sync.WaitGroup.Wait .* "keeper" waits to write rwlock
  });
}
