// SPDX-License-Identifier: Apache-2.0
// deadlock_static_init.cc: one static needs the other, not the reverse, raced by eight threads.
#include <cstdio>
#include <thread>
#include <vector>

#include "tests/support/order.h"

static Meeting all_here;

struct Config {
  int level = 1;
};
static Config& TheConfig() {
  static Config config;
  return config;
}

struct Logger {
  Logger() : lines(TheConfig().level) {}
  int lines;
};
static Logger& TheLogger() {
  static Logger logger;
  return logger;
}

int main() {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      Meet(&all_here, 8);
      TheLogger();
    });
  }
  threads.clear();
  std::printf("%d\n", TheLogger().lines);
}
