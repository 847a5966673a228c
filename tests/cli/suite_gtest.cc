// SPDX-License-Identifier: Apache-2.0
// suite_gtest.cc: a test binary for per_test_test.py: tests that pass, fail, crash, leak, and hang.
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

int runs_of_this_process = 0;

class Alone : public testing::Test {
 protected:
  // A process runs one test.
  void SetUp() override { ASSERT_EQ(++runs_of_this_process, 1); }
};

void* Sleep(void*) {
  pause();
  return nullptr;
}

TEST_F(Alone, Passes) {}
TEST_F(Alone, PassesToo) {}
TEST_F(Alone, Fails) { EXPECT_EQ(1, 2) << "as it should"; }
TEST_F(Alone, Crashes) { std::abort(); }
TEST_F(Alone, EndsWithTheStatusOfFindings) { std::exit(66); }
TEST_F(Alone, DISABLED_Fails) { FAIL(); }

TEST_F(Alone, LeavesAThreadBehind) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, Sleep, nullptr), 0);
  pthread_detach(thread);
}

TEST_F(Alone, LocksTwice) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&mutex);
}

class Values : public testing::TestWithParam<int> {};
TEST_P(Values, AreSmall) { EXPECT_LT(GetParam(), 10); }
INSTANTIATE_TEST_SUITE_P(Some, Values, testing::Values(1, 2));

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::puts("main says something.");
  return RUN_ALL_TESTS();
}
