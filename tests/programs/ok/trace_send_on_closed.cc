// SPDX-License-Identifier: Apache-2.0
// trace_send_on_closed.cc: in each of these ways a program makes sure that nobody sends any more when it
// closes.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <atomic>

// Who closes has waited for all that send.
static void WaitsForSenders() {
  auto answers = stray::MakeChan<int>(2);
  stray::WaitGroup senders;
  for (int i = 0; i < 2; ++i) senders.Go([answers, i] { answers.Send(i); });
  senders.Wait();
  answers.Close();
}

// It has received all there are, from a channel with room for them, and from one without.
static void HasReceivedAll(size_t capacity) {
  auto answers = stray::MakeChan<int>(capacity);
  for (int i = 0; i < 3; ++i) stray::Go([answers, i] { answers.Send(i); });
  for (int i = 0; i < 3; ++i) answers.Recv();
  answers.Close();
}

// It has seen that all there are have been sent.
static void CountsWhatIsThere() {
  auto answers = stray::MakeChan<int>(3);
  for (int i = 0; i < 3; ++i) stray::Go([answers, i] { answers.Send(i); });
  while (answers.Len() < 3) stray::Yield();
  answers.Close();
}

// The only sender closes.
static void SenderCloses() {
  auto numbers = stray::MakeChan<int>();
  stray::Go([numbers] {
    for (int i = 0; i < 3; ++i) numbers.Send(i);
    numbers.Close();
  });
  for (int number : numbers) static_cast<void>(number);
}

// The last of several senders does.
static void LastSenderCloses() {
  auto numbers = stray::MakeChan<int>(2);
  std::atomic<int> senders{2};
  for (int i = 0; i < 2; ++i) {
    stray::Go([numbers, &senders, i] {
      numbers.Send(i);
      if (senders.fetch_sub(1) == 1) numbers.Close();
    });
  }
  while (numbers.Recv().has_value()) {
  }
}

// Senders look first, under a lock.
static void LooksUnderLock() {
  static stray::RWMutex mutex;
  static bool is_closed;
  auto numbers = stray::MakeChan<int>(2);
  stray::WaitGroup all;
  for (int i = 0; i < 2; ++i) {
    all.Go([numbers, i] {
      mutex.RLock();
      if (!is_closed) numbers.Send(i);
      mutex.RUnlock();
    });
  }
  all.Go([numbers] {
    mutex.Lock();
    is_closed = true;
    numbers.Close();
    mutex.Unlock();
  });
  all.Wait();
}

// Senders are told to stop, and waited for.
static void TellsThemToStop() {
  auto numbers = stray::MakeChan<int>();
  auto stop = stray::MakeChan<int>();
  stray::WaitGroup senders;
  for (int i = 0; i < 2; ++i) {
    senders.Go([numbers, stop, i] {
      bool goes_on = true;
      while (goes_on) {
        stray::Select(stray::OnSend(numbers, i, [] {}), stray::OnRecv(stop, [&](auto) { goes_on = false; }));
      }
    });
  }
  for (int i = 0; i < 5; ++i) numbers.Recv();
  stop.Close();
  senders.Wait();
  numbers.Close();
}

int main() {
  return stray::Main([] {
    WaitsForSenders();
    HasReceivedAll(0);
    HasReceivedAll(3);
    CountsWhatIsThere();
    SenderCloses();
    LastSenderCloses();
    LooksUnderLock();
    TellsThemToStop();
  });
}
