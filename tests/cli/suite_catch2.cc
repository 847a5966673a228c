// SPDX-License-Identifier: Apache-2.0
// suite_catch2.cc: the same with Catch2. Names hold what its filters give a meaning to.
#define CATCH_CONFIG_MAIN
#include <pthread.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace {

void* Sleep(void*) {
  pause();
  return nullptr;
}

TEST_CASE("passes, [really] \\ ~well", "[tag]") { CHECK(true); }
TEST_CASE("fails") { CHECK(1 == 2); }
TEST_CASE("leaves a thread behind") {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, nullptr, Sleep, nullptr) == 0);
  pthread_detach(thread);
}

}  // namespace
