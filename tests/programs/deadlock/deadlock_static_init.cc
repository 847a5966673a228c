// SPDX-License-Identifier: Apache-2.0
// deadlock_static_init.cc: two function-local statics that need each other, entered from both sides.
//
//   main                  first              second
//   .                     Config starts      Logger starts
//   join first            Config -> Logger   Logger -> Config     each waits for the other's guard
//
// The guard is a futex of the C++ library that does not tell who holds it, so the circle itself is not proved;
// that nobody is left to end it is.
// hangs: yes
#include <thread>

#include "tests/support/order.h"

static Meeting both_inside;

struct Logger;
struct Config {
  Config();
  int level = 1;
};
struct Logger {
  Logger();
  int lines = 0;
};

__attribute__((noinline)) static Config& TheConfig() {
  static Config config;  // want deadlock.all: static initialization
  return config;
}

__attribute__((noinline)) static Logger& TheLogger() {
  static Logger logger;  // want deadlock.all: static initialization
  return logger;
}

Config::Config() {
  Meet(&both_inside, 2);
  TheLogger().lines += 1;
}

Logger::Logger() {
  Meet(&both_inside, 2);
  TheConfig().level += 1;
}

int main() {
  std::thread first([] { TheConfig(); }), second([] { TheLogger(); });
  first.join();
  second.join();
}
