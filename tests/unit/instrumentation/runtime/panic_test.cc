// SPDX-License-Identifier: Apache-2.0
// Each death runs in a process of its own, where nothing else keeps the runtime awake.
#include "instrumentation/runtime/panic.h"

#include <signal.h>
#include <stray/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/poller.h"
#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

using namespace std::chrono_literals;
using testing::ExitedWithCode;

using PanicDeathTest = RuntimeDeathTest;

// How a Go program would end.
#define EXPECT_PANIC(statement, text)                           \
  EXPECT_EXIT(exit(Main([] { statement; })), ExitedWithCode(2), \
              "^panic: " text "\n\ngoroutine [0-9]+ \"main\" \\[running\\]:\n")

TEST_F(PanicDeathTest, MisuseOfChannelsHasGosWords) {
  EXPECT_PANIC(const auto c = MakeChan<int>(); c.Close(); c.Send(1), "send on closed channel");
  EXPECT_PANIC(const auto c = MakeChan<int>(1); c.Close(); c.TrySend(1), "send on closed channel");
  EXPECT_PANIC(const auto c = MakeChan<int>(); c.Close(); Select(OnSend(c, 1)), "send on closed channel");
  EXPECT_PANIC(const auto c = MakeChan<int>(); c.Close();
               Select(OnSend(c, 1), OnDefault()), "send on closed channel");
  EXPECT_PANIC(const auto c = MakeChan<int>(); c.Close(); c.Close(), "close of closed channel");
  EXPECT_PANIC(Chan<int>().Close(), "close of nil channel");
  EXPECT_PANIC(MakeChan<int>(SIZE_MAX), "makechan: size out of range");
}

TEST_F(PanicDeathTest, CloseEndsASenderThatWaits) {
  const auto close = [] {
    const auto channel = MakeChan<int>();
    Go("sender", [channel] { channel.Send(1); });
    AwaitWaiters(channel, 1);
    channel.Close();
    Sleep(1h);
  };
  EXPECT_EXIT(exit(Main(close)), ExitedWithCode(2),
              "^panic: send on closed channel\n\ngoroutine [0-9]+ \"sender\" \\[running\\]:\n");
  const auto close_selected = [] {
    const auto channel = MakeChan<int>(), other = MakeChan<int>();
    const uint64_t id = GoWithId([=] { Select(OnRecv(other), OnSend(channel, 1)); });
    AwaitWaiting(id, WaitReason::kRuntimeSelect);
    channel.Close();
    Sleep(1h);
  };
  EXPECT_EXIT(exit(Main(close_selected)), ExitedWithCode(2), "^panic: send on closed channel\n");
}

TEST_F(PanicDeathTest, OfTheProgram) {
  EXPECT_PANIC(Panic("the program's own words"), "the program's own words");
  const auto panic_in_thread = [] { Panic("from a thread"); };
  EXPECT_EXIT(panic_in_thread(), ExitedWithCode(2), "^panic: from a thread\n");
}

TEST_F(PanicDeathTest, EndsTheProgramFromAnyGoroutineAndSaysWhoMadeIt) {
  const auto panic = [] {
    Go("bad", [] { Panic("no way"); });
    Sleep(1h);
  };
  EXPECT_EXIT(exit(Main(panic)), ExitedWithCode(2),
              "^panic: no way\n\ngoroutine [0-9]+ \"bad\" \\[running\\]:\n.*\ncreated by goroutine 1 at ");
}

TEST_F(PanicDeathTest, UncaughtExceptionNamesItsGoroutine) {
  const auto fail = [] {
    Go("thrower", [] { throw std::runtime_error("what it says"); });
    Sleep(1h);
  };
  EXPECT_EXIT(exit(Main(fail)), testing::KilledBySignal(SIGABRT),
              "^panic: uncaught exception of type std::runtime_error in goroutine [0-9]+ \"thrower\"\n"
              ".*what\\(\\):  what it says");
}

TEST_F(PanicDeathTest, ChannelInsideABlockingCall) {
  const auto misuse = [] { BlockingCall([] { MakeChan<int>().Recv(); }); };
  EXPECT_EXIT(exit(Main(misuse)), ExitedWithCode(2),
              "^fatal error: channel, lock or timer of the runtime used inside BlockingCall\n\n"
              "goroutine 1 \"main\" \\[running\\]:\n");
}

using MainDeathTest = RuntimeDeathTest;

TEST_F(MainDeathTest, StatusIsWhatMainReturns) {
  EXPECT_EXIT(exit(Main([] {})), ExitedWithCode(0), "^$");
  EXPECT_EXIT(exit(Main([] { return 3; })), ExitedWithCode(3), "^$");
  const auto wander = [] {
    for (int i = 0; i < 1000; ++i) {
      Go([] { Yield(); });
      Yield();
    }
    return 4;
  };
  EXPECT_EXIT(exit(Main(wander)), ExitedWithCode(4), "^$");
}

TEST_F(MainDeathTest, ItsReturnEndsAllOthers) {
  const auto leave_others = [] {
    SetMaxProcs(3);
    Go([] { MakeChan<int>().Recv(); });
    Go([] { Sleep(1h); });
    Go([] {
      for (;;) Yield();
    });
    static std::atomic<bool> computes{false};
    Go([] {
      computes = true;
      for (;;) asm volatile("");
    });
    while (!computes) Yield();
    return 5;
  };
  EXPECT_EXIT(exit(Main(leave_others)), ExitedWithCode(5), "^$");
  const auto leave_a_call = [] {
    static std::atomic<bool> inside{false};
    Go([] {
      BlockingCall([] {
        inside = true;
        pause();
      });
    });
    while (!inside) Yield();
    return 6;
  };
  EXPECT_EXIT(exit(Main(leave_a_call)), ExitedWithCode(6), "^$");
}

TEST_F(MainDeathTest, OnlyOnce) {
  const auto twice = [] {
    Main([] {});
    Main([] {});
  };
  EXPECT_EXIT(twice(), ExitedWithCode(2), "^fatal error: stray::Main called twice\n");
}

TEST_F(MainDeathTest, NothingStartsAfterItsEnd) {
  const auto late = [] {
    Main([] {});
    Go([] {});
  };
  EXPECT_EXIT(late(), ExitedWithCode(2), "^fatal error: goroutine started after the runtime has ended\n");
}

using AllAsleepDeathTest = RuntimeDeathTest;

constexpr char kAllAsleep[] = "^fatal error: all goroutines are asleep - deadlock!\n\n";

TEST_F(AllAsleepDeathTest, MainAlone) {
  EXPECT_EXIT(exit(Main([] { MakeChan<int>().Recv(); })), ExitedWithCode(2),
              std::string(kAllAsleep) + "goroutine 1 \"main\" \\[chan receive\\]:\n");
  EXPECT_EXIT(exit(Main([] { Chan<int>().Send(1); })), ExitedWithCode(2),
              std::string(kAllAsleep) + "goroutine 1 \"main\" \\[chan send \\(nil chan\\)\\]:\n");
  EXPECT_EXIT(exit(Main([] { Select(); })), ExitedWithCode(2),
              std::string(kAllAsleep) + "goroutine 1 \"main\" \\[select \\(no cases\\)\\]:\n");
}

TEST_F(AllAsleepDeathTest, ShowsEveryGoroutine) {
  const auto deadlock = [] {
    const auto a = MakeChan<int>(), b = MakeChan<int>();
    Go("other", [=] {
      a.Recv();
      b.Send(1);
    });
    b.Recv();
  };
  EXPECT_EXIT(exit(Main(deadlock)), ExitedWithCode(2),
              std::string(kAllAsleep) +
                  "goroutine 1 \"main\" \\[chan receive\\]:\n.*\n\n"
                  "goroutine [0-9]+ \"other\" \\[chan receive\\]:\n.*created by goroutine 1 at ");
}

TEST_F(AllAsleepDeathTest, AThreadThatWaitsForAChannelIsAsleepToo) {
  const auto deadlock = [] {
    const auto channel = MakeChan<int>();
    std::thread([channel] { channel.Recv(); }).detach();
    channel.Recv();
  };
  EXPECT_EXIT(exit(Main(deadlock)), ExitedWithCode(2), kAllAsleep);
}

TEST_F(AllAsleepDeathTest, AThreadThatHasEndedCanWakeNobody) {
  const auto deadlock = [] {
    const auto channel = MakeChan<int>();
    std::thread([channel] { AwaitWaiters(channel, 1); }).detach();
    channel.Recv();
  };
  EXPECT_EXIT(exit(Main(deadlock)), ExitedWithCode(2), kAllAsleep);
}

TEST_F(AllAsleepDeathTest, AfterTimersAndCallsAreOver) {
  const auto deadlock = [] {
    Sleep(5ms);
    BlockingCall([] {});
    MakeChan<int>().Recv();
  };
  EXPECT_EXIT(exit(Main(deadlock)), ExitedWithCode(2), kAllAsleep);
}

// Until the watcher has looked several times, found nothing to do, and lain down for longer.
void AwaitLooks() {
  MachineLoop::WakeWatcher();
  while (!MachineLoop::IsWatcherLazy()) std::this_thread::yield();
}

// Of a timer: long enough for the watcher to look many times.
constexpr auto kWhile = 30ms;

TEST_F(AllAsleepDeathTest, NotWhileAThreadCanStillSend) {
  const auto wait = [] {
    const auto channel = MakeChan<int>();
    std::thread([channel] {
      AwaitWaiters(channel, 1);
      AwaitLooks();
      channel.Send(7);
    }).detach();
    return *channel.Recv();
  };
  EXPECT_EXIT(exit(Main(wait)), ExitedWithCode(7), "^$");
}

TEST_F(AllAsleepDeathTest, NotWhileATimerIsPending) {
  const auto wait = [] {
    const auto channel = MakeChan<int>();
    Go([channel] {
      Sleep(kWhile);
      channel.Send(7);
    });
    return *channel.Recv();
  };
  EXPECT_EXIT(exit(Main(wait)), ExitedWithCode(7), "^$");
}

TEST_F(AllAsleepDeathTest, NotWhileACallIsOut) {
  const auto wait = [] {
    const auto channel = MakeChan<int>();
    Go([channel] {
      BlockingCall(&AwaitLooks);
      channel.Send(7);
    });
    return *channel.Recv();
  };
  EXPECT_EXIT(exit(Main(wait)), ExitedWithCode(7), "^$");
}

TEST_F(AllAsleepDeathTest, NotWhileADescriptorIsWaitedFor) {
  const auto wait = [] {
    // The kernel makes it ready: no thread of the program does.
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const itimerspec after = {{0, 0}, {0, std::chrono::nanoseconds(kWhile).count()}};
    if (timer < 0 || timerfd_settime(timer, 0, &after, nullptr) != 0) return 1;
    return Main([timer] {
      const auto channel = MakeChan<int>();
      Go([channel, timer] { channel.Send(Poller::WaitFor(timer, false, kNever) == 0 ? 7 : 1); });
      return *channel.Recv();
    });
  };
  EXPECT_EXIT(exit(wait()), ExitedWithCode(7), "^$");
}

}  // namespace
}  // namespace stray::runtime
