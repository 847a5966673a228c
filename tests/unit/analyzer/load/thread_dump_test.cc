// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/thread_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "analyzer/load/task_log.h"
#include "tests/unit/analyzer/load/listing_text.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string Frame(absl::string_view text, absl::string_view place = "") {
  const LogFrame frame = ParseThreadFrame(text, place);
  return absl::StrCat(frame.function, "|", frame.file, ":", frame.line, "|", frame.module);
}

TEST(ThreadDumpTest, FramesOfGdb) {
  EXPECT_EQ(Frame("0x00007f07 in __GI___poll (fds=0x0, nfds=0) at ../sysdeps/unix/sysv/linux/poll.c:29"),
            "__GI___poll|../sysdeps/unix/sysv/linux/poll.c:29|libc.so.6");
  EXPECT_EQ(Frame("main () at t.cc:19"), "main|t.cc:19|");
  EXPECT_EQ(Frame("0x00007f07 in std::thread::join() () from /lib/x86_64-linux-gnu/libstdc++.so.6"),
            "std::thread::join()|:0|/lib/x86_64-linux-gnu/libstdc++.so.6");
  EXPECT_EQ(Frame("0x00007f07 in ?? () from /lib/libx.so"), "|:0|/lib/libx.so");
  EXPECT_EQ(
      Frame(
          "Cart::Wait (this=0x1, name=\"flush)\", c=40 '(', m=std::map with 1 element = {...}) at a b/t.cc:9"),
      "Cart::Wait|a b/t.cc:9|");
  EXPECT_EQ(
      Frame("0x1 in std::_Invoker<std::tuple<main()::<lambda()> > >::operator()(void) (this=0x1) at t.h:3"),
      "std::_Invoker<std::tuple<main()::<lambda()> > >::operator()(void)|t.h:3|");
  EXPECT_EQ(Frame("<signal handler called>"), "<signal handler called>|:0|");
}

TEST(ThreadDumpTest, FramesOfEuStack) {
  EXPECT_EQ(Frame("0x00007f07 pthread_cond_wait@@GLIBC_2.3.2", "./nptl/pthread_cond_wait.c:503:10"),
            "pthread_cond_wait|./nptl/pthread_cond_wait.c:503|libc.so.6");
  EXPECT_EQ(Frame("0x00007f07 - 1 std::thread::join() - /usr/lib/libstdc++.so.6.0.30"),
            "std::thread::join()|:0|/usr/lib/libstdc++.so.6.0.30");
  EXPECT_EQ(Frame("0x00007f07"), "|:0|");
  EXPECT_EQ(ParseThreadFrame("0x00007f07", "").address, 0x7f07);
}

TEST(ThreadDumpTest, HeadsOfThreads) {
  const auto gdb = ParseThreadHead("Thread 2 (Thread 0x7f07f5e1d6c0 (LWP 11529) \"my \"own\" name\"):");
  ASSERT_TRUE(gdb.has_value());
  EXPECT_EQ(gdb->number, 2);
  EXPECT_EQ(gdb->tid, 11529);
  EXPECT_EQ(gdb->name, "my \"own\" name");
  EXPECT_EQ(ParseThreadHead("Thread 1 (process 4711):")->tid, 4711);
  EXPECT_EQ(ParseThreadHead("Thread 1 (LWP 4711 (Exiting)):")->tid, 4711);
  EXPECT_EQ(ParseThreadHead("TID 4712:")->number, 4712);
  for (const char* line :
       {"Thread 2 is busy", "Thread (1):", "TID x:", "TID 99999999999:", "Thread 2 (LWP 3)"}) {
    EXPECT_FALSE(ParseThreadHead(line).has_value()) << line;
  }
}

TEST(ThreadDumpTest, SkipsLocalsAndPutsBrokenLinesTogether) {
  const Model model = ReadTaskLog(R"(
Thread 2 (Thread 0x7f (LWP 12) "worker"):
#0  futex_wait (private=0, expected=2) at ../sysdeps/nptl/futex-internal.h:146
        at = 7
        sc_ret = <optimized out>
#1  0x00007f07 in ___pthread_mutex_lock (mutex=0x7ffc) at ./nptl/pthread_mutex_lock.c:93
No locals.
#2  0x00005555 in Cart::Add (this=0x1,
    item=...)
    at cart.cc:24
        guard = {_M_device = @0x1}

Thread 1 (Thread 0x7e (LWP 11) "cart"):
#0  0x00005555 in main () at main.cc:9
[Inferior 1 (process 11) detached]
)",
                                  "gdb.txt");
  ASSERT_THAT(model.processes, SizeIs(1));
  EXPECT_EQ(model.processes[0]->process.pid(), 0);
  EXPECT_THAT(
      TasksText(*model.processes[0]),
      ElementsAre("thread 2 blocked pthread_mutex_lock: futex_wait futex-internal.h:146, ___pthread_mutex_lock "
                  "pthread_mutex_lock.c:93, Cart::Add cart.cc:24",
                  "thread 1 running: main main.cc:9"));
  EXPECT_TRUE(model.processes[0]->tasks[1].main());
}

TEST(ThreadDumpTest, NumberThatComesAgainBeginsAnotherDump) {
  constexpr char kOne[] = "Thread 1 (LWP 11):\n#0  0x1 in main () at main.cc:9\n\n";
  EXPECT_THAT(ReadTaskLog(absl::StrCat(kOne, kOne), "g").processes, SizeIs(2));
}

TEST(ThreadDumpTest, SaysWhatIsCut) {
  const Model model = ReadTaskLog("Thread 1 (LWP 11):\n#0  0x1 in f () at f.cc:9\n#1  0x2 in ma", "g.txt");
  EXPECT_THAT(model.damage, ElementsAre("g.txt:1: the text ends within thread 1, which begins here"));
}

TEST(ThreadDumpTest, WaitsAreToldByInnermostFunctions) {
  const auto wait = [](std::vector<absl::string_view> functions) {
    return std::string(WaitOfFrames(functions));
  };
  EXPECT_EQ(wait({"__futex_abstimed_wait_common64", "__pthread_clockjoin_ex", "std::thread::join()"}),
            "pthread_join");
  EXPECT_EQ(wait({"__GI___clock_nanosleep", "__GI___nanosleep", "__sleep", "main"}), "nanosleep");
  EXPECT_EQ(wait({"syscall", "absl::Mutex::Lock"}), "syscall");
  EXPECT_EQ(wait({"__libc_read", "main"}), "read");
  EXPECT_EQ(wait({"Cart::read", "__poll"}), "");
  EXPECT_EQ(wait({"runtime.gopark", "runtime.semacquire1", "internal/sync.runtime_SemacquireMutex",
                  "internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "main.f"}),
            "sync.Mutex.Lock");
  EXPECT_EQ(wait({"runtime.gopark", "sync.runtime_SemacquireRWMutexR", "sync.(*RWMutex).RLock", "main.f"}),
            "sync.RWMutex.RLock");
  EXPECT_EQ(wait({}), "");
}

}  // namespace
}  // namespace stray::analyzer
