// SPDX-License-Identifier: Apache-2.0
// graceful_shutdown.cc: takes nothing new, finishes what is there, and gives that a deadline.
//
// When: a service is told to end, and whoever was promised an answer should get it, but not at any price.
// Without the deadline: one request that hangs keeps the service alive. Without the drain: those that were
// accepted are lost.
//
// prints: in time: 5 handled, joined
// prints: too late: 0 handled, called off
#include <stray/stray.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

class Service {
 public:
  explicit Service(bool hangs) {
    worker_.Go("worker", [=, this] {
      for ([[maybe_unused]] int request : requests_) {
        if (hangs) context_.Done().Recv();
        if (context_.Err()) break;
        handled_.Add(1);
      }
    });
  }
  void Accept(int request) { requests_.Send(request); }

  // True if all was handled within `limit`; what is not is called off. Joined in any case.
  bool ShutDown(std::chrono::milliseconds limit) {
    requests_.Close();  // no more intake; what is in the channel is still received
    auto drained = stray::MakeChan<stray::Unit>();
    stray::WaitGroup join;
    join.Go("join", [this, drained] {
      worker_.Wait();
      drained.Close();
    });
    const bool in_time = stray::Select(stray::OnRecv(drained), stray::OnRecv(stray::After(limit))) == 0;
    cancel_();
    join.Wait();
    return in_time;
  }
  int Handled() const { return handled_.Load(); }

 private:
  stray::CancelContext both_ = stray::WithCancel(stray::Background());
  stray::Context context_ = both_.context;
  stray::CancelFunc cancel_ = both_.cancel;
  stray::Chan<int> requests_ = stray::MakeChan<int>(5);
  stray::Atomic<int> handled_ = 0;
  stray::WaitGroup worker_;
};

static void Run(const char* name, bool hangs, std::chrono::milliseconds limit) {
  Service service(hangs);
  for (int i = 0; i < 5; ++i) service.Accept(i);
  const bool in_time = service.ShutDown(limit);
  std::printf("%s: %d handled, %s\n", name, service.Handled(), in_time ? "joined" : "called off");
}

int main() {
  return stray::Main([] {
    Run("in time", false, 10000ms);
    Run("too late", true, 5ms);
  });
}
