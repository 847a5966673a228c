// SPDX-License-Identifier: Apache-2.0
// trace_negative_group.cc: each Done has an Add that comes before it, however far away that is.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <vector>

// All at once; a group that lies where another one lay.
static void CountsFirst() {
  for (int round = 0; round < 3; ++round) {
    stray::WaitGroup all;
    all.Add(3);
    for (int i = 0; i < 3; ++i) stray::Go([&all] { all.Done(); });
    all.Wait();
  }
}

// A goroutine that counts already counts what it starts.
static void WorkersStartWorkers() {
  stray::WaitGroup all;
  all.Go([&all] {
    all.Add(2);
    for (int i = 0; i < 2; ++i) stray::Go([&all] { all.Done(); });
  });
  all.Wait();
}

// Work comes by a channel, and is counted when it is sent.
static void CountsWhatIsSent() {
  stray::WaitGroup all;
  auto work = stray::MakeChan<int>(4);
  for (int i = 0; i < 2; ++i) {
    stray::Go([&all, work] {
      while (work.Recv().has_value()) all.Done();
    });
  }
  for (int i = 0; i < 4; ++i) {
    all.Add(1);
    work.Send(i);
  }
  work.Close();
  all.Wait();
}

// The same by a list under a lock.
static void CountsWhatIsListed() {
  static stray::Mutex mutex;
  static std::vector<int> list;
  static stray::WaitGroup all;
  static bool is_over;
  stray::WaitGroup workers;
  for (int i = 0; i < 2; ++i) {
    workers.Go([] {
      for (bool goes_on = true; goes_on;) {
        mutex.Lock();
        const bool has_work = !list.empty();
        if (has_work) list.pop_back();
        goes_on = has_work || !is_over;
        mutex.Unlock();
        if (has_work) all.Done();
        stray::Yield();
      }
    });
  }
  for (int i = 0; i < 4; ++i) {
    mutex.Lock();
    all.Add(1);
    list.push_back(i);
    mutex.Unlock();
  }
  all.Wait();
  mutex.Lock();
  is_over = true;
  mutex.Unlock();
  workers.Wait();
}

int main() {
  return stray::Main([] {
    CountsFirst();
    WorkersStartWorkers();
    CountsWhatIsSent();
    CountsWhatIsListed();
  });
}
