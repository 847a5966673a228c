// SPDX-License-Identifier: Apache-2.0
// service.cc: a service for watch_test.py. Each line of its input is a request, which a thread of its own
// handles; then it says "ok".
//
//   forget     leaves a goroutine behind that nobody can ever wake
//   abandon    the same with a thread
//   deadlock   leaves two threads behind that wait for each other
//   queue N    N goroutines more wait for `door`, which every thread could open
//   open       opens it: they all end
//   work       starts a goroutine and waits for its end
//   mark N     misuses a mutex, at a place of its own for each N below 64: what a watch tells at its next
//   snapshot quit
#include <pthread.h>
#include <stray/stray.h>

#include <array>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

namespace {

stray::Chan<int> door;

void Forget() {
  stray::Go([lost = stray::MakeChan<int>()] { lost.Recv(); });
}

struct Job {
  std::mutex mutex;
  std::condition_variable done;
  bool is_done = false;
};

void Abandon() {
  std::thread([job = std::make_shared<Job>()] {
    std::unique_lock<std::mutex> lock(job->mutex);
    while (!job->is_done) job->done.wait(lock);
  }).detach();
}

std::mutex first, second;

void Deadlock() {
  static stray::WaitGroup both;
  both.Add(2);
  const auto take = [](std::mutex& one, std::mutex& other) {
    std::lock_guard<std::mutex> lock(one);
    both.Done();
    both.Wait();
    other.lock();
  };
  std::thread(take, std::ref(first), std::ref(second)).detach();
  std::thread(take, std::ref(second), std::ref(first)).detach();
}

void Queue(int count) {
  for (int i = 0; i < count; ++i) stray::Go([] { door.Recv(); });
}

void Open() {
  door.Close();
  door = stray::MakeChan<int>();
}

void Work() {
  stray::WaitGroup group;
  group.Go([] { stray::Yield(); });
  group.Wait();
}

template <int kNumber>
__attribute__((noinline)) void Mark() {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_unlock(&mutex);
  __asm__ volatile("");  // no tail call: the place is this function
}

template <int... kNumbers>
void MarkNumber(size_t number, std::integer_sequence<int, kNumbers...>) {
  static constexpr std::array<void (*)(), sizeof...(kNumbers)> kMarks = {&Mark<kNumbers>...};
  kMarks.at(number)();
}

void Handle(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  int number = 0;
  words >> verb >> number;
  if (verb == "forget") Forget();
  if (verb == "abandon") Abandon();
  if (verb == "deadlock") Deadlock();
  if (verb == "queue") Queue(number);
  if (verb == "open") Open();
  if (verb == "work") Work();
  if (verb == "mark") MarkNumber(static_cast<size_t>(number), std::make_integer_sequence<int, 64>());
}

}  // namespace

int main() {
  return stray::Main([] {
    door = stray::MakeChan<int>();
    std::cout << "started" << std::endl;
    std::string line;
    while (std::getline(std::cin, line) && line != "quit") {
      // What a request leaves on its stack is gone with its thread.
      std::thread(Handle, line).join();
      std::cout << "ok" << std::endl;
    }
  });
}
