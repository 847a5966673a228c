// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/channel.h"

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "instrumentation/tsan/fibers.h"
#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

TEST(ChannelTest, UnbufferedSendReturnsOnlyOnceTheValueIsReceived) {
  InGoroutine([] {
    const auto channel = MakeChan<int>();
    std::atomic<bool> sent{false};
    Go([&, channel] {
      channel.Send(1);
      sent = true;
      channel.Close();
    });
    AwaitWaiters(channel, 1);
    EXPECT_FALSE(sent);
    EXPECT_EQ(channel.Len(), 0u);
    EXPECT_EQ(channel.Cap(), 0u);
    EXPECT_EQ(channel.Recv(), 1);
    EXPECT_EQ(channel.Recv(), std::nullopt);
    EXPECT_TRUE(sent);
  });
}

TEST(ChannelTest, BufferedBlocksOnlyWhenFullAndWhenEmpty) {
  const auto channel = MakeChan<int>(3);
  EXPECT_EQ(channel.Cap(), 3u);
  EXPECT_EQ(channel.TryRecv(), std::nullopt);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(channel.Len(), static_cast<size_t>(i));
    channel.Send(i);
  }
  EXPECT_FALSE(channel.TrySend(3));
  EXPECT_EQ(channel.Len(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(channel.Recv(), i);
  EXPECT_EQ(channel.TryRecv(), std::nullopt);
}

TEST(ChannelTest, ValuesComeInOrderAroundTheRing) {
  const auto channel = MakeChan<int>(5);
  int sent = 0, received = 0;
  for (int round = 0; round < 100; ++round) {
    while (channel.TrySend(sent)) ++sent;
    for (int i = 0; i <= round % 5; ++i) EXPECT_EQ(channel.Recv(), received++);
  }
}

TEST(ChannelTest, WaitingReceiversAreServedInOrderOfArrival) {
  for (const size_t capacity : {0u, 2u}) {
    InGoroutine([capacity] {
      const auto channel = MakeChan<int>(capacity);
      const auto served = MakeChan<std::pair<int, int>>(10);
      for (int i = 0; i < 10; ++i) {
        Go([=] { served.Send({i, *channel.Recv()}); });
        AwaitWaiters(channel, static_cast<size_t>(i + 1));
      }
      for (int i = 0; i < 10; ++i) channel.Send(i);
      for (int i = 0; i < 10; ++i) {
        const auto [receiver, value] = *served.Recv();
        EXPECT_EQ(receiver, value);
      }
    });
  }
}

TEST(ChannelTest, WaitingSendersAreServedInOrderOfArrival) {
  for (const size_t capacity : {0u, 3u}) {
    InGoroutine([capacity] {
      const auto channel = MakeChan<int>(capacity);
      for (size_t i = 0; i < capacity; ++i) channel.Send(static_cast<int>(i));
      for (size_t i = 0; i < 10; ++i) {
        Go([=] { channel.Send(static_cast<int>(capacity + i)); });
        AwaitWaiters(channel, i + 1);
      }
      for (int i = 0; i < static_cast<int>(10 + capacity); ++i) EXPECT_EQ(channel.Recv(), i);
    });
  }
}

TEST(ChannelTest, TrySendAndTryRecvServeWhoWaits) {
  InGoroutine([] {
    const auto channel = MakeChan<int>();
    const auto result = MakeChan<int>(1);
    EXPECT_FALSE(channel.TrySend(1));
    EXPECT_EQ(channel.TryRecv(), std::nullopt);
    Go([=] { result.Send(*channel.Recv()); });
    AwaitWaiters(channel, 1);
    EXPECT_TRUE(channel.TrySend(2));
    EXPECT_FALSE(channel.TrySend(3));
    EXPECT_EQ(result.Recv(), 2);
    Go([=] { channel.Send(4); });
    AwaitWaiters(channel, 1);
    EXPECT_EQ(channel.TryRecv(), 4);
  });
}

TEST(ChannelTest, AfterCloseReceiversDrainThenGetNullopt) {
  const auto channel = MakeChan<int>(2);
  channel.Send(1);
  channel.Send(2);
  channel.Close();
  EXPECT_EQ(channel.Recv(), 1);
  EXPECT_EQ(channel.TryRecv(), 2);
  EXPECT_EQ(channel.Recv(), std::nullopt);
  EXPECT_EQ(channel.TryRecv(), std::nullopt);
  EXPECT_EQ(channel.Recv(), std::nullopt);
}

TEST(ChannelTest, CloseWakesEveryReceiver) {
  InGoroutine([] {
    const auto channel = MakeChan<int>();
    const auto ended = MakeChan<bool>(100);
    for (size_t i = 0; i < 100; ++i) Go([=] { ended.Send(channel.Recv().has_value()); });
    AwaitWaiters(channel, 100);
    channel.Close();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(ended.Recv(), false);
  });
}

TEST(ChannelTest, RangeEndsWhenClosedAndDrained) {
  InGoroutine([] {
    const auto channel = MakeChan<int>(2);
    Go([channel] {
      for (int i = 0; i < 100; ++i) channel.Send(i);
      channel.Close();
    });
    int expected = 0;
    for (const int value : RecvChan<int>(channel)) EXPECT_EQ(value, expected++);
    EXPECT_EQ(expected, 100);
    for (const int value : channel) ADD_FAILURE() << value;
  });
}

TEST(ChannelTest, NilChannelBlocksForEver) {
  InGoroutine([] {
    const Chan<int> nil;
    EXPECT_FALSE(nil);
    EXPECT_FALSE(nil.TrySend(1));
    EXPECT_EQ(nil.TryRecv(), std::nullopt);
    EXPECT_EQ(nil.Len() + nil.Cap(), 0u);
    const uint64_t sender = GoWithId([nil] { nil.Send(1); });
    const uint64_t receiver = GoWithId([nil] { nil.Recv(); });
    AwaitWaiting(sender, WaitReason::kChanSendNil);
    AwaitWaiting(receiver, WaitReason::kChanReceiveNil);
  });
}

TEST(ChannelTest, ChannelsTravelThroughChannels) {
  InGoroutine([] {
    const auto requests = MakeChan<Chan<Chan<int>>>();
    Go([requests] {
      const auto replies = *requests.Recv();
      const auto reply = MakeChan<int>(1);
      reply.Send(42);
      replies.Send(reply);
    });
    const auto replies = MakeChan<Chan<int>>();
    requests.Send(replies);
    EXPECT_EQ(replies.Recv()->Recv(), 42);
  });
}

TEST(ChannelTest, HandlesOfOneChannelAreEqual) {
  const auto a = MakeChan<int>(1), b = MakeChan<int>(1);
  const auto copy = a;
  EXPECT_TRUE(a == copy);
  EXPECT_FALSE(a == b);
  EXPECT_TRUE(SendChan<int>(a) == SendChan<int>(copy));
  EXPECT_FALSE(RecvChan<int>(a) == RecvChan<int>());
  SendChan<int>(copy).Send(1);
  EXPECT_EQ(RecvChan<int>(a).Recv(), 1);
}

TEST(ChannelTest, MoveOnlyValuesArrive) {
  InGoroutine([] {
    for (const size_t capacity : {0u, 1u, 7u}) {
      const auto channel = MakeChan<std::unique_ptr<int>>(capacity);
      Go([channel] {
        for (int i = 0; i < 20; ++i) channel.Send(std::make_unique<int>(i));
        channel.Close();
      });
      int expected = 0;
      while (auto value = channel.Recv()) EXPECT_EQ(**value, expected++);
      EXPECT_EQ(expected, 20);
    }
  });
}

struct alignas(64) Big {
  std::array<uint64_t, 512> words;
  explicit Big(uint64_t start) {
    for (uint64_t& word : words) word = start++;
  }
  bool IsWhole() const {
    for (size_t i = 0; i < words.size(); ++i) {
      if (words[i] != words[0] + i) return false;
    }
    return reinterpret_cast<uintptr_t>(this) % 64 == 0;
  }
};

TEST(ChannelTest, BigAlignedValuesArriveWhole) {
  InGoroutine([] {
    for (const size_t capacity : {0u, 3u}) {
      const auto channel = MakeChan<Big>(capacity);
      Go([channel] {
        for (uint64_t i = 0; i < 50; ++i) channel.Send(Big(i));
        channel.Close();
      });
      uint64_t expected = 0;
      while (const auto value = channel.Recv()) {
        EXPECT_TRUE(value->IsWhole());
        EXPECT_EQ(value->words[0], expected++);
      }
      EXPECT_EQ(expected, 50u);
    }
  });
}

TEST(ChannelTest, SmallAndEmptyValuesArrive) {
  const auto bytes = MakeChan<unsigned char>(300);
  for (int i = 0; i < 256; ++i) bytes.Send(static_cast<unsigned char>(i));
  for (int i = 0; i < 256; ++i) EXPECT_EQ(bytes.Recv(), i);
  const auto units = MakeChan<Unit>(1);
  units.Send({});
  EXPECT_EQ(units.Recv(), Unit{});
}

// Counts values that live.
struct Counted {
  static inline std::atomic<int> alive{0};
  Counted() { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  Counted(const Counted&) = delete;
  ~Counted() { --alive; }
};

TEST(ChannelTest, EachValueIsDestroyedOnce) {
  {
    const auto channel = MakeChan<Counted>(3);
    for (int i = 0; i < 2; ++i) channel.Send({});
    channel.Recv();
    EXPECT_EQ(Counted::alive, 1);
    channel.Send({});
    channel.Send({});
    EXPECT_FALSE(channel.TrySend({}));
    EXPECT_EQ(Counted::alive, 3);
    channel.Close();
    channel.Recv();
    EXPECT_EQ(Counted::alive, 2);
  }  // and two die with the channel
  EXPECT_EQ(Counted::alive, 0);
  InGoroutine([] {
    const auto channel = MakeChan<Counted>();
    Go([channel] {
      for (int i = 0; i < 10; ++i) channel.Send({});
      channel.Close();
    });
    while (channel.Recv()) continue;
  });
  EXPECT_EQ(Counted::alive, 0);
}

TEST(ChannelTest, AChannelLivesAsLongAsAHandle) {
  const auto outer = MakeChan<Chan<std::string>>(1);
  {
    const auto inner = MakeChan<std::string>(1);
    inner.Send(std::string(100, 'x'));
    outer.Send(inner);
  }
  EXPECT_EQ(outer.Recv()->Recv(), std::string(100, 'x'));
}

TEST(ChannelTest, ThreadsTalkToGoroutinesAndToEachOther) {
  const auto to = MakeChan<int>(), from = MakeChan<int>(1);
  Go([=] {
    for (const int value : to) from.Send(value + 1);
    from.Close();
  });
  std::thread sender([to] {
    for (int i = 0; i < 200; ++i) to.Send(i);
    to.Close();
  });
  int expected = 1;
  for (const int value : from) EXPECT_EQ(value, expected++);
  EXPECT_EQ(expected, 201);
  sender.join();

  const auto between = MakeChan<int>();
  std::thread receiver([between] {
    for (int i = 0; i < 200; ++i) EXPECT_EQ(between.Recv(), i);
  });
  for (int i = 0; i < 200; ++i) between.Send(i);
  receiver.join();
}

TEST(ChannelTest, ManyParkedGoroutinesAreAllWoken) {
  InGoroutine([] {
    const size_t many = tsan::HasTsan() ? 2'000 : 100'000;  // a fiber costs TSan 700 KB
    const auto gate = MakeChan<Unit>(), ready = MakeChan<Unit>(many), woken = MakeChan<Unit>(many);
    for (size_t i = 0; i < many; ++i) {
      Go([=] {
        ready.Send({});
        gate.Recv();
        woken.Send({});
      });
    }
    for (size_t i = 0; i < many; ++i) ready.Recv();
    EXPECT_GE(NumGoroutines(), many);
    gate.Close();
    for (size_t i = 0; i < many; ++i) woken.Recv();
    EXPECT_EQ(woken.Len(), 0u);
  });
}

using ChannelStressTest = Seeded;

// Producers number their values; consumers note them. Each must come once, those of one producer in order.
TEST_F(ChannelStressTest, NothingIsLostDoubledOrReordered) {
  struct Value {
    uint32_t producer, number;
  };
  for (int round = 0; round < 6; ++round) {
    const size_t capacity = random_() % 4 == 0 ? 0 : random_() % 20;
    const uint32_t producers = 1 + random_() % 8, consumers = 1 + random_() % 8, each = 500;
    const bool with_threads = random_() % 2 == 0;
    const auto channel = MakeChan<Value>(capacity);
    const auto produced = MakeChan<Unit>(producers);
    const auto results = MakeChan<std::vector<Value>>(consumers);
    std::vector<std::thread> threads;
    const auto start = [&](auto task, bool as_thread) {
      if (as_thread) {
        threads.emplace_back(task);
      } else {
        Go(task);
      }
    };
    for (uint32_t producer = 0; producer < producers; ++producer) {
      start(
          [=, dice = random_()] {
            for (uint32_t i = 0; i < each; ++i) {
              if ((dice >> (i % 32) & 3) == 0) Yield();
              if ((dice >> (i % 30) & 1) == 0 || !channel.TrySend({producer, i})) channel.Send({producer, i});
            }
            produced.Send({});
          },
          with_threads && producer == 0);
    }
    for (uint32_t consumer = 0; consumer < consumers; ++consumer) {
      start(
          [=, dice = random_()] {
            std::vector<Value> seen;
            for (const Value& value : channel) {
              seen.push_back(value);
              if ((dice >> (seen.size() % 32) & 3) == 0) Yield();
            }
            results.Send(std::move(seen));
          },
          with_threads && consumer == 0);
    }
    for (uint32_t i = 0; i < producers; ++i) produced.Recv();
    channel.Close();
    std::vector<std::vector<int>> count(producers, std::vector<int>(each));
    for (uint32_t i = 0; i < consumers; ++i) {
      std::vector<int64_t> last(producers, -1);
      const auto seen = results.Recv();
      for (const Value& value : *seen) {
        EXPECT_LT(last[value.producer], value.number);
        last[value.producer] = value.number;
        ++count[value.producer][value.number];
      }
    }
    for (const auto& of_producer : count) {
      for (const int times : of_producer) ASSERT_EQ(times, 1);
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace stray::runtime
