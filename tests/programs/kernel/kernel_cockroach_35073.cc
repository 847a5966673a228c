// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_35073.cc: the consumer of rows ends as it starts, and does not close the full channel; the
// producers stay in their sends. After a kernel of GoBench (CGO 2021).
//
//   main                  producer            consumer
//   Send 16 rows          .                   .
//   .                     .                   start fails, return
//   Send                  Send                .            no room, no receiver
//
// link: runtime
// modes: gcc-O2
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <atomic>

#include "tests/support/parked.h"

class RowChannel {
 public:
  static constexpr int kRows = 16;

  void Push(int row) {
    if (consumer_gone_) return;
    rows_.Send(row);  // want deadlock.all x1: main waits in chan send .* "producer" waits in chan send
  }
  void ConsumerGone() { consumer_gone_ = true; }
  void AwaitFull() const { stray::AwaitParked(stray::WaitReason::kChanSend, rows_.get()); }

 private:
  stray::Chan<int> rows_ = stray::MakeChan<int>(kRows);
  std::atomic<bool> consumer_gone_{false};
};

static RowChannel rows;

// Says that it is gone only where it ends as it should.
static void Consume(bool can_start) {
  if (!can_start) return;
  rows.ConsumerGone();
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);  // the stacks on standard error are the same every time
    for (int i = 0; i < RowChannel::kRows; ++i) rows.Push(i);
    stray::WaitGroup all;
    all.Go("consumer", [] { Consume(false); });
    all.Wait();
    all.Go("producer", [] { rows.Push(-1); });
    rows.AwaitFull();
    rows.Push(-2);
    all.Wait();
  });
}
