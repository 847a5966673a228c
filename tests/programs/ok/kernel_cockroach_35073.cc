// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_35073.cc: the consumer says that it is gone on all its ways out.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include <atomic>

class RowChannel {
 public:
  static constexpr int kRows = 16;

  void Push(int row) {
    if (consumer_gone_) return;
    rows_.Send(row);
  }
  void ConsumerGone() { consumer_gone_ = true; }

 private:
  stray::Chan<int> rows_ = stray::MakeChan<int>(kRows);
  std::atomic<bool> consumer_gone_{false};
};

static RowChannel rows;

static void Consume(bool can_start) {
  rows.ConsumerGone();
  if (!can_start) return;
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(1);
    for (int i = 0; i < RowChannel::kRows; ++i) rows.Push(i);
    stray::WaitGroup all;
    all.Go("consumer", [] { Consume(false); });
    all.Wait();
    all.Go("producer", [] { rows.Push(-1); });
    rows.Push(-2);
    all.Wait();
  });
}
