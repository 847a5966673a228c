// SPDX-License-Identifier: Apache-2.0
// exit_jthread.cc: std::jthread asks its thread to stop and joins it.
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

int main() {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::jthread worker([&](std::stop_token stop) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, stop, [] { return false; });
  });
}
