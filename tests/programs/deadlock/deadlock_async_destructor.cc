// SPDX-License-Identifier: Apache-2.0
// deadlock_async_destructor.cc: the future of std::async joins in its destructor, here under a lock its task
// wants.
//
//   main                  task
//   lock                  .
//   ~future: join         lock           main waits for the task, the task for main
//
// hangs: yes
#include <future>
#include <mutex>

static std::mutex mutex;
static int sum = 0;

static void Add(int amount) {
  std::lock_guard<std::mutex> lock(mutex);  // want deadlock.cycle x1: \[pthread_mutex_lock\]
  sum += amount;
}

int main() {
  std::lock_guard<std::mutex> lock(mutex);
  // want deadlock.cycle x1: .
  (void)std::async(std::launch::async, Add, 1);  // want deadlock.all: .
}
