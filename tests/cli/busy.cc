// SPDX-License-Identifier: Apache-2.0
// busy.cc: threads and goroutines that hand each other conditions and channels as fast as they can, until the
// input ends. Whoever waits can be reached by somebody at every moment, but never by the same one for long:
// whatever `stray snapshot --prove` says of it is wrong, unless it says nothing.
#include <stray/stray.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::atomic<bool> is_over{false};

// Threads that wait for work on a condition in the heap.
class ThreadPool {
 public:
  explicit ThreadPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~ThreadPool() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    filled_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void Run(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
  }

 private:
  void Work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return is_closed_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> jobs_;
  bool is_closed_ = false;
  std::vector<std::thread> threads_;
};

struct Promise {
  std::mutex mutex;
  std::condition_variable kept;
  bool is_kept = false;
};

// Waits for a promise that only a job in the pool's queue has.
void AskPool(ThreadPool& pool) {
  while (!is_over) {
    auto promise = std::make_shared<Promise>();
    pool.Run([promise] {
      const std::lock_guard lock(promise->mutex);
      promise->is_kept = true;
      promise->kept.notify_all();
    });
    std::unique_lock lock(promise->mutex);
    promise->kept.wait(lock, [&] { return promise->is_kept; });
  }
}

struct Request {
  int number;
  stray::Chan<int> reply;
};
using Requests = stray::Chan<std::unique_ptr<Request>>;

// Replies that are kept for later, in a tree in the heap.
struct Later {
  stray::Mutex mutex;
  std::map<int, stray::Chan<int>> replies;
};

void Serve(const Requests& requests, const std::shared_ptr<Later>& later) {
  while (auto request = requests.Recv()) {
    const auto [number, reply] = **request;
    if (number % 3 != 0) {
      reply.Send(number);
      continue;
    }
    later->mutex.Lock();
    later->replies.emplace(number, reply);
    later->mutex.Unlock();
    stray::Go([later, number = number] {
      stray::Yield();
      later->mutex.Lock();
      const auto node = later->replies.extract(number);
      later->mutex.Unlock();
      node.mapped().Send(number);
    });
  }
}

void Ask(const Requests& requests, std::atomic<int>& numbers) {
  while (!is_over) {
    auto reply = stray::MakeChan<int>();
    requests.Send(std::make_unique<Request>(Request{++numbers, reply}));
    reply.Recv();
  }
}

void RunGoroutines() {
  auto requests = stray::MakeChan<std::unique_ptr<Request>>(4);
  auto later = std::make_shared<Later>();
  std::atomic<int> numbers{0};
  stray::WaitGroup servers, clients;
  for (int i = 0; i < 4; ++i) servers.Go([&] { Serve(requests, later); });
  for (int i = 0; i < 8; ++i) clients.Go([&] { Ask(requests, numbers); });
  std::puts("started");
  std::fflush(stdout);
  stray::BlockingCall([] {
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
  });
  is_over = true;
  clients.Wait();
  requests.Close();
  servers.Wait();
}

}  // namespace

int main() {
  ThreadPool pool(3);
  std::thread clients[3];
  for (std::thread& client : clients) client = std::thread([&pool] { AskPool(pool); });
  const int status = stray::Main(RunGoroutines);
  for (std::thread& client : clients) client.join();
  return status;
}
