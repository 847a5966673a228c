// SPDX-License-Identifier: Apache-2.0
// race_before_fork.cc: two threads count one after the other, then a child is forked.
//
// link: race
// modes: static-tsan shared-tsan
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

int counter;

int main() {
  std::thread other([] { ++counter; });
  other.join();
  ++counter;
  const pid_t child = fork();
  if (child == 0) exit(0);
  waitpid(child, nullptr, 0);
}
