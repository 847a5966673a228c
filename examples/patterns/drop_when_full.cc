// SPDX-License-Identifier: Apache-2.0
// drop_when_full.cc: a queue that never makes the producer wait: what does not fit is counted and dropped.
//
// When: the producer must not be held up (it handles packets, or holds a lock), and a value may be lost:
// metrics, traces, frames of a picture. Without the count: nobody knows that something is missing, and the
// numbers are believed.
//
// prints: 100 offered, 16 kept, 84 dropped
#include <stray/stray.h>

#include <cstdio>

class Trace {
 public:
  void Record(int event) {
    if (!events_.TrySend(event)) dropped_.Add(1);
  }
  void Close() { events_.Close(); }
  stray::RecvChan<int> Events() const { return events_; }
  int Dropped() const { return dropped_.Load(); }

 private:
  stray::Chan<int> events_ = stray::MakeChan<int>(16);
  stray::Atomic<int> dropped_ = 0;
};

int main() {
  return stray::Main([] {
    Trace trace;
    for (int i = 0; i < 100; ++i) trace.Record(i);  // the reader is busy with something else
    trace.Close();

    int kept = 0;
    for ([[maybe_unused]] int event : trace.Events()) ++kept;
    std::printf("100 offered, %d kept, %d dropped\n", kept, trace.Dropped());
  });
}
