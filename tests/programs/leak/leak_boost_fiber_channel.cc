// SPDX-License-Identifier: Apache-2.0
// leak_boost_fiber_channel.cc: a fiber waits for a value that nobody sends, and the program ends without it.
//
// link: boost-fiber
// modes: gcc-O0 gcc-O2
#include <stray/boost_fiber.h>
#include <unistd.h>

#include <boost/fiber/algo/round_robin.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/unbuffered_channel.hpp>

int main() {
  boost::fibers::use_scheduling_algorithm<stray::Observed<boost::fibers::algo::round_robin>>();
  boost::fibers::unbuffered_channel<int> answers;
  boost::fibers::fiber receiver([&answers] {
    stray_task_named(stray_task_current(), "receiver");
    int answer = 0;
    // want leak.blocked: fiber "receiver" blocked \[boost::fibers::unbuffered_channel::pop\]
    answers.pop(answer);
  });
  boost::this_fiber::yield();
  _exit(0);  // at the end of main Boost would wait for the fiber
}
