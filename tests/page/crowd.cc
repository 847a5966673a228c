// SPDX-License-Identifier: Apache-2.0
// crowd.cc: what the tests of the page look at: a service that hangs, with as many goroutines as are asked for.
//
//   crowd N       N goroutines at 50 places: most send results that nobody takes, others wait for jobs, for a
//   lock
//                 that a stuck one holds, in a select, or for a timer
//   crowd names   tasks, labels and functions whose names try to be markup, or to write over others
//   crowd pipeline two stages whose consumer has seen enough
//   crowd live     goes on; a number on standard input starts as many goroutines that wait
//   crowd abba    two threads with two mutexes, each of which wants the other's
#include <pthread.h>
#include <stray/stray.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace shop {

constexpr int kPlaces = 10;  // of each kind

std::atomic<int> arrived = 0;

struct Order {
  stray::Chan<int> results;
  stray::Chan<int> jobs;
  stray::Chan<int> stop;
  stray::Mutex* ledger;
};

template <int kPlace>
struct Stage {
  static void SendResult(const Order& order) {
    ++arrived;
    order.results.Send(kPlace);
  }
  static void AwaitJob(const Order& order) {
    ++arrived;
    order.jobs.Recv();
  }
  static void Book(const Order& order) {
    ++arrived;
    order.ledger->Lock();
  }
  static void AwaitEither(const Order& order) {
    ++arrived;
    stray::Select(stray::OnRecv(order.jobs, [](std::optional<int>) {}),
                  stray::OnRecv(order.stop, [](std::optional<int>) {}));
  }
  static void Rest(const Order&) {
    ++arrived;
    stray::Sleep(std::chrono::hours(1));
  }
};

template <int kPlace>
void Serve(int kind, const Order& order) {
  if (kind < 6) return Stage<kPlace>::SendResult(order);
  if (kind < 8) return Stage<kPlace>::AwaitJob(order);
  if (kind == 8) return Stage<kPlace>::Book(order);
  return order.stop.Len() == 0 && kPlace % 2 == 0 ? Stage<kPlace>::AwaitEither(order)
                                                  : Stage<kPlace>::Rest(order);
}

template <int... kPlace>
void ServeAt(int place, int kind, const Order& order, std::integer_sequence<int, kPlace...>) {
  ((place == kPlace ? Serve<kPlace>(kind, order) : void()), ...);
}

void Hang(int count) {
  static stray::Mutex ledger;
  const Order order{stray::MakeChan<int>(4), stray::MakeChan<int>(), stray::MakeChan<int>(), &ledger};
  for (int i = 0; i < 4; ++i) order.results.Send(i);
  stray::Go("bookkeeper", [order] {
    order.ledger->Lock();
    ++arrived;
    order.stop.Recv();
  });
  while (arrived == 0) stray::Yield();
  for (int i = 0; i < count; ++i) {
    stray::WithLabels({{"tenant", "t" + std::to_string(i % 7)}}, [&] {
      stray::Go(
          [order, i] { ServeAt(i / 10 % kPlaces, i % 10, order, std::make_integer_sequence<int, kPlaces>()); });
    });
  }
  while (arrived <= count) stray::Yield();
  for (int i = 0; i < 100; ++i) stray::Yield();
}

}  // namespace shop

namespace names {

struct TagScript {};

template <typename T>
void Script(const stray::Chan<T>& channel) {
  ++shop::arrived;
  channel.Recv();
}

void LeaveBehind() {
  const auto channel = stray::MakeChan<int>();
  const char* const all[] = {"<script>document.title='owned'</script>",
                             "</script><img src=x onerror=alert(1)>",
                             "red\x1b[31m\x07 bell",
                             "rtl \xe2\x80\xae"
                             "gpj.exe",
                             "not utf-8 \xff\xfe",
                             "quote \" ' & amp;"};
  for (const char* name : all) {
    stray::WithLabels({{name, name}}, [&] { stray::Go(name, [channel] { Script<int>(channel); }); });
  }
  while (shop::arrived < 6) stray::Yield();
  for (int i = 0; i < 100; ++i) stray::Yield();
}

}  // namespace names

namespace pipeline {

stray::RecvChan<int> Numbers() {
  auto out = stray::MakeChan<int>(2);
  stray::Go("numbers", [out] {
    for (int i = 0; i < 100; ++i) out.Send(i);
  });
  return out;
}

stray::RecvChan<int> Squares(stray::RecvChan<int> in) {
  auto out = stray::MakeChan<int>();
  stray::Go("squares", [in, out] {
    for (int number : in) out.Send(number * number);
  });
  return out;
}

void TakeOne() {
  auto squares = Squares(Numbers());
  squares.Recv();
  for (int i = 0; i < 1000; ++i) stray::Yield();
}

}  // namespace pipeline

namespace live {

void Serve() {
  const auto jobs = stray::MakeChan<int>();
  std::printf("started\n");
  std::fflush(stdout);
  for (int count = 0, all = 0; std::scanf("%d", &count) == 1;) {
    all += count;
    for (int i = 0; i < count; ++i) {
      stray::Go([jobs] {
        ++shop::arrived;
        jobs.Recv();
      });
    }
    while (shop::arrived < all) stray::Yield();
    std::printf("ok\n");
    std::fflush(stdout);
  }
  jobs.Close();
}

}  // namespace live

namespace bank {

std::mutex savings;
std::mutex current;
std::latch both_hold(2);

void Transfer(std::mutex& from, std::mutex& to) {
  std::lock_guard lock_from(from);
  both_hold.arrive_and_wait();
  std::lock_guard lock_to(to);
}

void Deadlock() {
  std::thread in([] { Transfer(savings, current); });
  std::thread out([] { Transfer(current, savings); });
  pthread_setname_np(in.native_handle(), "in");
  pthread_setname_np(out.native_handle(), "out");
  in.join();
  out.join();
}

}  // namespace bank

int main(int count, char** arguments) {
  const char* const what = count == 2 ? arguments[1] : "100";
  if (std::strcmp(what, "abba") == 0) bank::Deadlock();
  return stray::Main([what] {
    if (std::strcmp(what, "names") == 0) return names::LeaveBehind();
    if (std::strcmp(what, "live") == 0) return live::Serve();
    if (std::strcmp(what, "pipeline") == 0) return pipeline::TakeOne();
    shop::Hang(std::atoi(what));
  });
}
