// SPDX-License-Identifier: Apache-2.0
// deadlock_boost_fibers.cc: both fibers take the locks in the same order.
//
// link: boost-fiber
// modes: gcc-O0 gcc-O2
#include <stray/boost_fiber.h>

#include <boost/fiber/algo/round_robin.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <mutex>

using Mutex = stray::ObservedLock<boost::fibers::mutex>;

static Mutex first, second;

static void TakeBoth() {
  std::lock_guard<Mutex> lock(first);
  boost::this_fiber::yield();
  std::lock_guard<Mutex> second_lock(second);
}

int main() {
  boost::fibers::use_scheduling_algorithm<stray::Observed<boost::fibers::algo::round_robin>>();
  boost::fibers::fiber one(TakeBoth);
  boost::fibers::fiber two(TakeBoth);
  boost::fibers::fiber three(boost::fibers::launch::dispatch, TakeBoth);
  one.join();
  two.join();
  three.join();
}
