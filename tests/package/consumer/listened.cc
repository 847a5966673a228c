// SPDX-License-Identifier: Apache-2.0
// listened.cc: one test leaves a thread behind, and only that one fails.
#include <gtest/gtest.h>
#include <stray/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

const bool leaks_are_checked = stray::AddLeakListener();

TEST(Shop, Joins) {
  std::thread([] {}).join();
}

TEST(Shop, Leaves) {
  std::thread([] {
    static auto* const mutex = new std::mutex;
    static auto* const never = new std::condition_variable;
    std::unique_lock<std::mutex> lock(*mutex);
    never->wait(lock, [] { return false; });
  }).detach();
}

TEST(Shop, JoinsAgain) {
  std::thread([] {}).join();
}
