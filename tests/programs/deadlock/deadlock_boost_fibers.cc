// SPDX-License-Identifier: Apache-2.0
// deadlock_boost_fibers.cc: two fibers of one thread take two locks in opposite orders, and wait for each
// other.
//
//   one                   two
//   lock first            .
//   yield                 lock second
//   lock second           yield
//   .                     lock first
//
// link: boost-fiber
// modes: gcc-O0 gcc-O2
// hangs: yes
#include <stray/boost_fiber.h>

#include <boost/fiber/algo/round_robin.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <mutex>

using Mutex = stray::ObservedLock<boost::fibers::mutex>;

static Mutex first, second;

static void TakeBoth(Mutex* mine, Mutex* other) {
  std::lock_guard<Mutex> lock(*mine);
  boost::this_fiber::yield();
  // want deadlock.cycle: fiber .* blocked \[boost::fibers::mutex::lock\]
  // want deadlock.all:
  std::lock_guard<Mutex> second_lock(*other);
}

int main() {
  boost::fibers::use_scheduling_algorithm<stray::Observed<boost::fibers::algo::round_robin>>();
  boost::fibers::fiber one(TakeBoth, &first, &second);
  boost::fibers::fiber two(TakeBoth, &second, &first);
  one.join();
  two.join();
}
