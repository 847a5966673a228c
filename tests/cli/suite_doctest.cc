// SPDX-License-Identifier: Apache-2.0
// suite_doctest.cc: the same with doctest.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <pthread.h>
#include <unistd.h>

namespace {

void* Sleep(void*) {
  pause();
  return nullptr;
}

TEST_CASE("passes, really") { CHECK(true); }
TEST_CASE("fails") { CHECK(1 == 2); }
TEST_CASE("leaves a thread behind") {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, nullptr, Sleep, nullptr) == 0);
  pthread_detach(thread);
}

}  // namespace
