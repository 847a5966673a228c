// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/refine.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

struct TestFrame {
  const char* module;
  const char* function;
};

// One task blocked in `call` with `frames`, innermost first.
ProcessModel Blocked(const std::string& call, const std::vector<TestFrame>& frames) {
  ProcessModel process;
  wire::Stack& stack = process.stacks.emplace_back();
  stack.set_id(1);
  for (const TestFrame& test_frame : frames) {
    wire::Module& module = process.modules.emplace_back();
    uint32_t id = static_cast<uint32_t>(process.modules.size());
    for (const wire::Module& known : process.modules) {
      if (known.id() != 0 && known.path() == test_frame.module) id = known.id();
    }
    if (id == process.modules.size()) {
      module.set_id(id);
      module.set_path(test_frame.module);
    } else {
      process.modules.pop_back();
    }
    wire::Frame& frame = process.frames.emplace_back();
    frame.set_address(0x1000 + process.frames.size());
    frame.set_module(id);
    if (*test_frame.function != '\0') frame.add_locations()->set_function(test_frame.function);
    stack.add_addresses(frame.address());
  }
  SnapshotModel& snapshot = process.snapshots.emplace_back();
  wire::TaskState& state = snapshot.tasks.emplace_back();
  state.set_task(1);
  state.set_state("blocked");
  state.set_wait_reason(call);
  state.set_stack(1);
  process.Index();
  return process;
}

const wire::TaskState& StateOf(const ProcessModel& process) { return process.snapshots[0].tasks[0]; }

std::string Refined(const std::string& call, const std::vector<TestFrame>& frames) {
  ProcessModel process = Blocked(call, frames);
  RefineWaitReasons(process);
  return StateOf(process).wait_reason();
}

constexpr const char* kApp = "/opt/app/cart";
constexpr const char* kAgent = "/usr/lib/libstray_agent.so";
constexpr const char* kLibstdcxx = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6";

TEST(RefineTest, FutureIsNamedByTheOutermostLibraryFrame) {
  ProcessModel process = Blocked(
      "futex", {{kAgent, "syscall"},
                {kLibstdcxx, "std::__atomic_futex_unsigned_base::_M_futex_wait_until(unsigned int*, bool)"},
                {kApp, "std::__future_base::_State_baseV2::wait()"},
                {kApp, "std::__basic_future<int>::_M_get_result() const"},
                {kApp, "std::future<int>::get()"},
                {kApp, "main"}});
  RefineWaitReasons(process);
  EXPECT_EQ(StateOf(process).wait_reason(), "std::future::get");
  EXPECT_EQ(StateOf(process).call(), "futex");
}

TEST(RefineTest, WithoutDebugInformationThePrivatePartOfTheLibraryIsEnough) {
  EXPECT_EQ(
      Refined("futex", {{kAgent, "syscall"},
                        {kLibstdcxx, "std::__atomic_futex_unsigned_base::_M_futex_wait_until(unsigned int*)"},
                        {kApp, "Cart::Flush()"}}),
      "std::future::wait");
}

TEST(RefineTest, WaitsThatHaveEndedAreNamedLikeThoseThatGoOn) {
  ProcessModel process =
      Blocked("futex", {{kAgent, "syscall"},
                        {kLibstdcxx, "std::__atomic_futex_unsigned_base::_M_futex_wait_until(unsigned int*)"},
                        {kApp, "Cart::Flush()"}});
  for (const char* profile : {"block", "mutex"}) {
    wire::ProfileSite& site = process.profile_sites.emplace_back();
    site.set_profile(profile);
    site.set_stack(1);
    site.set_wait_reason("futex");
  }
  RefineWaitReasons(process);
  RefineWaitReasons(process);  // as for a dump that has been refined before
  EXPECT_EQ(process.profile_sites[0].wait_reason(), "std::future::wait");
  EXPECT_EQ(process.profile_sites[1].wait_reason(), "futex")
      << "its stack is where a lock was taken, not where one waits";
}

TEST(RefineTest, TemplateArgumentsTellWhenTheCallerIsGoneByATailCall) {
  EXPECT_EQ(Refined("futex",
                    {{kAgent, "syscall"},
                     {kApp, "std::__detail::__waiter_pool::_M_do_wait(int const*, int)"},
                     {kApp, "void std::__atomic_wait_address<int, std::latch::wait() const::'lambda'()>(int)"},
                     {kLibstdcxx, ""}}),
            "std::latch::wait");
}

TEST(RefineTest, FramesBeyondUserCodeDoNotCount) {
  // The lambda that std::future::get runs is what waits.
  EXPECT_EQ(Refined("futex", {{kAgent, "syscall"},
                              {kApp, "std::latch::wait() const"},
                              {kApp, "main::{lambda()#1}::operator()() const"},
                              {kApp, "std::future<int>::get()"},
                              {kApp, "main"}}),
            "std::latch::wait");
  EXPECT_EQ(Refined("futex", {{kAgent, "syscall"}, {kApp, "Pool::Wait()"}, {kApp, "std::future<int>::get()"}}),
            "futex");
}

TEST(RefineTest, StandardLibraryWaitsHaveTheirPublicNames) {
  EXPECT_EQ(Refined("futex", {{kApp, "std::counting_semaphore<1l>::acquire()"}}),
            "std::counting_semaphore::acquire");
  EXPECT_EQ(Refined("futex", {{kApp, "std::barrier<std::__empty_completion>::arrive_and_wait()"}}),
            "std::barrier::arrive_and_wait");
  EXPECT_EQ(Refined("futex", {{kApp, "std::__atomic_base<int>::wait(int, std::memory_order) const"}}),
            "std::atomic::wait");
  EXPECT_EQ(Refined("futex", {{kLibstdcxx, "__cxa_guard_acquire"}, {kApp, "Instance()"}}),
            "static initialization");
}

TEST(RefineTest, LibcxxIsKnownInItsInlineNamespace) {
  EXPECT_EQ(
      Refined("pthread_cond_wait", {{"/usr/lib/libc++.so.1", "std::__1::condition_variable::wait(int)"},
                                    {"/usr/lib/libc++.so.1", "std::__1::__assoc_sub_state::__sub_wait(int)"},
                                    {kApp, "std::__1::future<int>::get()"}}),
      "std::future::get");
  EXPECT_EQ(Refined("pthread_cond_wait", {{"/usr/lib/libc++.so.1", "std::__1::shared_mutex::lock()"}}),
            "std::shared_mutex::lock");
}

TEST(RefineTest, CallsThatTellEnoughStay) {
  EXPECT_EQ(Refined("pthread_cond_wait",
                    {{kAgent, "pthread_cond_wait"},
                     {kLibstdcxx, "std::condition_variable::wait(std::unique_lock<std::mutex>&)"},
                     {kApp, "main"}}),
            "pthread_cond_wait");
  EXPECT_EQ(Refined("pthread_join", {{kLibstdcxx, "std::thread::join()"}, {kApp, "main"}}), "pthread_join");
  EXPECT_EQ(Refined("pthread_mutex_lock", {{kApp, "std::mutex::lock()"}, {kApp, "main"}}),
            "pthread_mutex_lock");
  EXPECT_EQ(Refined("epoll_wait", {{"/usr/lib/libuv.so.1", "uv__io_poll"}}), "epoll_wait");
  EXPECT_EQ(Refined("pthread_mutex_lock", {{kApp, "std::timed_mutex::lock()"}}), "pthread_mutex_lock");
}

TEST(RefineTest, OtherLibrariesAndLanguagesAreKnown) {
  EXPECT_EQ(Refined("futex", {{kApp, "absl::lts_20220623::synchronization_internal::Waiter::Wait(int)"},
                              {kApp, "AbslInternalPerThreadSemWait_lts_20220623"},
                              {kApp, "absl::lts_20220623::Mutex::Block(int*)"},
                              {kApp, "absl::lts_20220623::Mutex::Lock()"},
                              {kApp, "main"}}),
            "absl::Mutex::Lock");
  EXPECT_EQ(Refined("futex", {{kApp, "absl::lts_20220623::Mutex::LockSlow(int*)"},
                              {kApp, "absl::lts_20220623::Notification::WaitForNotification() const"}}),
            "absl::Notification::WaitForNotification");
  EXPECT_EQ(
      Refined("pthread_cond_wait", {{"/usr/bin/python3.11", "take_gil"}, {"/usr/bin/python3.11", "main"}}),
      "Python GIL");
  EXPECT_EQ(
      Refined("futex", {{kApp, "std::sys::sync::mutex::futex::Mutex::lock_contended::h0123456789abcdef"}}),
      "std::sync::Mutex::lock");
  EXPECT_EQ(Refined("futex", {{kApp, "std::sys::unix::locks::futex_mutex::Mutex::lock_contended"}}),
            "std::sync::Mutex::lock");
  EXPECT_EQ(Refined("futex", {{"/usr/lib/libQt5Core.so.5", "QBasicMutex::lockInternal()"}}), "QMutex::lock");
  EXPECT_EQ(Refined("pthread_cond_wait", {{"/opt/jdk/lib/server/libjvm.so", "Parker::park(bool, long)"}}),
            "LockSupport.park");
}

TEST(RefineTest, FramesWithoutNameArePassedInsideTheirModuleOnly) {
  EXPECT_EQ(Refined("pthread_cond_wait",
                    {{"/usr/bin/python3.11", ""}, {"/usr/bin/python3.11", "PyEval_RestoreThread"}}),
            "Python GIL");
  EXPECT_EQ(
      Refined("pthread_cond_wait", {{"/opt/plugin.so", ""}, {"/usr/bin/python3.11", "PyEval_RestoreThread"}}),
      "pthread_cond_wait");
}

TEST(RefineTest, PrivatePartsOfAWaitDoNotEndTheSearch) {
  EXPECT_EQ(Refined("pthread_cond_wait",
                    {{"/usr/bin/python3", "PyCOND_TIMEDWAIT"}, {"/usr/bin/python3", "take_gil"}}),
            "Python GIL");
  EXPECT_EQ(Refined("pthread_cond_wait", {{"/usr/bin/python3", "PyCOND_TIMEDWAIT"}}), "pthread_cond_wait");
}

TEST(RefineTest, AStrippedLibraryCanBeKnownByItsFileName) {
  EXPECT_EQ(Refined("futex", {{"/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0", ""},
                              {"/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0", "GOMP_taskwait"}}),
            "OpenMP taskwait");
  EXPECT_EQ(Refined("futex", {{"/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0", ""}}), "OpenMP wait");
}

TEST(RefineTest, OnlyBlockedTasksAreRefinedAndOnlyOnce) {
  ProcessModel process = Blocked("futex", {{kApp, "std::latch::wait() const"}});
  process.snapshots[0].tasks[0].set_state("running");
  RefineWaitReasons(process);
  EXPECT_EQ(StateOf(process).wait_reason(), "futex");

  process.snapshots[0].tasks[0].set_state("blocked");
  RefineWaitReasons(process);
  RefineWaitReasons(process);
  EXPECT_EQ(StateOf(process).wait_reason(), "std::latch::wait");
  EXPECT_EQ(StateOf(process).call(), "futex");
}

TEST(RefineTest, WithoutAStackTheSiteOfTheCallIsLookedAt) {
  ProcessModel process = Blocked("futex", {{kApp, "std::latch::wait() const"}});
  wire::TaskState& state = process.snapshots[0].tasks[0];
  state.set_stack(0);
  state.mutable_site()->set_address(process.frames[0].address());
  RefineWaitReasons(process);
  EXPECT_EQ(state.wait_reason(), "std::latch::wait");
}

TEST(RefineTest, LimitOfLibcxxsLoopIsNoneAtTheEnd) {
  constexpr const char* kLibcxx = "/usr/lib/x86_64-linux-gnu/libc++.so.1";
  const auto is_timed_after = [](const std::string& call, const std::vector<TestFrame>& frames,
                                 const char* reason = "exit") {
    ProcessModel process = Blocked(call, frames);
    process.snapshots[0].info.set_reason(reason);
    process.snapshots[0].tasks[0].set_timed(true);
    RefineWaitReasons(process);
    return StateOf(process).timed();
  };
  constexpr const char* kWait = "std::__1::__libcpp_atomic_wait(void const volatile*, long)";
  EXPECT_FALSE(is_timed_after("futex", {{kLibcxx, kWait}, {kApp, "std::__1::latch::wait() const"}}));
  EXPECT_TRUE(is_timed_after("futex", {{kLibcxx, kWait}}, "hang"));
  EXPECT_TRUE(is_timed_after("futex", {{kApp, "Poll()"}, {kApp, kWait}}));
  EXPECT_TRUE(is_timed_after("futex", {{kApp, "std::__atomic_futex_unsigned_base::_M_futex_wait_until()"}}));
}

}  // namespace
}  // namespace stray::analyzer
