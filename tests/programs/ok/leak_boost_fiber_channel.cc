// SPDX-License-Identifier: Apache-2.0
// leak_boost_fiber_channel.cc: the value is sent, by a thread that runs fibers of its own.
//
// link: boost-fiber
// modes: gcc-O0 gcc-O2
#include <stray/boost_fiber.h>
#include <unistd.h>

#include <boost/fiber/algo/round_robin.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/unbuffered_channel.hpp>
#include <thread>

static void RunFibersHere() {
  boost::fibers::use_scheduling_algorithm<stray::Observed<boost::fibers::algo::round_robin>>();
}

int main() {
  RunFibersHere();
  boost::fibers::unbuffered_channel<int> answers;
  boost::fibers::fiber receiver([&answers] {
    int answer = 0;
    answers.pop(answer);
  });
  std::thread sender([&answers] {
    RunFibersHere();
    boost::fibers::fiber([&answers] { answers.push(42); }).join();
  });
  receiver.join();
  sender.join();
}
