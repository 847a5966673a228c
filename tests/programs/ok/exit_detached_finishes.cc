// SPDX-License-Identifier: Apache-2.0
// exit_detached_finishes.cc: a detached thread that has ended by the end of main is no leak.
#include <thread>

#include "tests/support/order.h"

static Sleeper alive;

int main() {
  std::thread([] { AboutToSleep(&alive); }).detach();
  AwaitEnd(&alive);
}
