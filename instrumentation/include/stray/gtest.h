// SPDX-License-Identifier: Apache-2.0
// gtest.h: leaks, deadlocks and races as failures of the GoogleTest test that causes them.
//
//   int main(int argc, char** argv) {
//     testing::InitGoogleTest(&argc, argv);
//     stray::AddLeakListener();              // checks after each test
//     return RUN_ALL_TESTS();
//   }
//
//   TEST(Cart, Flush) {                      // or, without a listener, where it is wanted:
//     ...
//     stray::ExpectNoLeaks();
//   }
//
// The program must run under stray: `stray run -- ./cart_test`. Without it nothing is checked, which is said
// once. A test owns the tasks that it starts, and those that they start; what another test, or none, has
// started is not its failure. Header only; links nothing of stray's.
#ifndef STRAY_GTEST_H_
#define STRAY_GTEST_H_

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace stray {

namespace detail {

// The agent's functions, null where there is no agent.
struct TestAgent {
  uint32_t (*begin)(const char* name);
  void (*resume)(uint32_t before);
  int (*check)(void (*found)(const char* text, void* argument), void* argument);

  static const TestAgent& Get() {
    static const TestAgent agent = {
        reinterpret_cast<uint32_t (*)(const char*)>(dlsym(RTLD_DEFAULT, "stray_agent_begin_test")),
        reinterpret_cast<void (*)(uint32_t)>(dlsym(RTLD_DEFAULT, "stray_agent_resume_test")),
        reinterpret_cast<int (*)(void (*)(const char*, void*), void*)>(
            dlsym(RTLD_DEFAULT, "stray_agent_check_test"))};
    return agent;
  }
  bool IsThere() const { return begin != nullptr && resume != nullptr && check != nullptr; }
};

inline void SayUnwatched() {
  static const bool said = [] {
    std::printf("[   stray  ] Leaks are not checked: run this under `stray run`.\n");
    std::fflush(stdout);
    return true;
  }();
  static_cast<void>(said);
}

// The findings on the calling task's test. False: nobody has looked.
inline bool FindLeaks(std::vector<std::string>* findings) {
  const TestAgent& agent = TestAgent::Get();
  const int result = agent.IsThere() ? agent.check(
                                           [](const char* text, void* argument) {
                                             static_cast<std::vector<std::string>*>(argument)->push_back(text);
                                           },
                                           findings)
                                     : -1;
  if (result > 0) findings->push_back("stray cannot tell what is left: `stray run` does not answer.\n");
  return result >= 0;
}

}  // namespace detail

// Makes the calling thread or goroutine work for a test, and so all that it starts, until the end of the scope.
// For programs whose tests run in threads of their own; the listener does it for the tests of GoogleTest.
class TestScope {
 public:
  explicit TestScope(const std::string& name) {
    if (detail::TestAgent::Get().IsThere()) before_ = detail::TestAgent::Get().begin(name.c_str());
  }
  ~TestScope() {
    if (detail::TestAgent::Get().IsThere()) detail::TestAgent::Get().resume(before_);
  }
  TestScope(const TestScope&) = delete;
  TestScope& operator=(const TestScope&) = delete;

 private:
  uint32_t before_ = 0;
};

// A failure, not fatal, for each leak, deadlock, race or misuse of the test that the calling task works for:
// its tasks get as long to end as `stray run --settle` says, while any of them still runs. Without a listener
// or a TestScope: of all tasks that no test has started. Each finding fails one test, once. Any thread.
inline void ExpectNoLeaks() {
  std::vector<std::string> findings;
  if (!detail::FindLeaks(&findings)) return detail::SayUnwatched();
  for (const std::string& finding : findings) ADD_FAILURE() << "stray found:\n" << finding;
}

// Gives each test a TestScope, and calls ExpectNoLeaks() when it is torn down.
class LeakListener : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo& test) override {
    if (!detail::TestAgent::Get().IsThere()) return;
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    before_ = detail::TestAgent::Get().begin(name.c_str());
  }
  void OnTestEnd(const testing::TestInfo&) override {
    ExpectNoLeaks();
    if (detail::TestAgent::Get().IsThere()) detail::TestAgent::Get().resume(before_);
  }

 private:
  uint32_t before_ = 0;
};

// Checks after each test from now on. Call it once, before RUN_ALL_TESTS(); with gtest_main:
//
//   const bool leaks_are_checked = stray::AddLeakListener();
inline bool AddLeakListener() {
  testing::UnitTest::GetInstance()->listeners().Append(new LeakListener);
  return true;
}

}  // namespace stray

#endif  // STRAY_GTEST_H_
