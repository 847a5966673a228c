// SPDX-License-Identifier: Apache-2.0
#include "stray/select.h"

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray::runtime {
namespace {

// A goroutine that waits in a select; its number, once it does.
template <typename F>
uint64_t GoSelecting(F f) {
  const uint64_t id = GoWithId(std::move(f));
  AwaitWaiting(id, WaitReason::kRuntimeSelect);
  return id;
}

TEST(SelectTest, TakesTheCaseThatIsReady) {
  const auto empty = MakeChan<int>(1), full = MakeChan<int>(1);
  full.Send(7);
  int received = 0;
  EXPECT_EQ(Select(OnRecv(empty), OnRecv(full, [&](std::optional<int> value) { received = *value; })), 1u);
  EXPECT_EQ(received, 7);
  full.Send(8);
  EXPECT_EQ(Select(OnSend(empty, 1), OnSend(full, 2)), 0u);
  EXPECT_EQ(empty.Recv(), 1);
  EXPECT_EQ(full.Recv(), 8);
}

TEST(SelectTest, DefaultIsTakenOnlyIfNothingIsReady) {
  const auto channel = MakeChan<int>(1);
  bool defaulted = false;
  EXPECT_EQ(Select(OnRecv(channel), OnDefault([&] { defaulted = true; })), 1u);
  EXPECT_TRUE(defaulted);
  EXPECT_EQ(Select(OnDefault(), OnRecv(channel), OnRecv(channel)), 0u);
  channel.Send(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Select(OnDefault(), OnRecv(channel)), 1u);
    EXPECT_EQ(Select(OnRecv(channel), OnDefault(), OnSend(channel, 1)), 2u);
  }
  EXPECT_EQ(Select(OnDefault()), 0u);
}

TEST(SelectTest, WaitsForTheFirstThatBecomesReady) {
  InGoroutine([] {
    const auto a = MakeChan<int>(), b = MakeChan<int>();
    const auto result = MakeChan<std::pair<size_t, int>>(1);
    const auto select = [=] {
      int value = 0;
      const size_t which = Select(OnRecv(a, [&](auto got) { value = *got; }), OnSend(b, 5, [&] { value = 5; }));
      result.Send({which, value});
    };
    GoSelecting(select);
    a.Send(4);
    EXPECT_EQ(result.Recv(), std::pair(size_t{0}, 4));
    EXPECT_EQ(b.TryRecv(), std::nullopt);  // the case that lost is not queued any more
    GoSelecting(select);
    EXPECT_EQ(b.Recv(), 5);
    EXPECT_EQ(result.Recv(), std::pair(size_t{1}, 5));
    EXPECT_FALSE(a.TrySend(1));
  });
}

TEST(SelectTest, CloseWakesIt) {
  InGoroutine([] {
    const auto a = MakeChan<int>(), b = MakeChan<int>();
    const auto result = MakeChan<bool>(1);
    GoSelecting([=] {
      Select(OnRecv(a), OnRecv(b, [&](std::optional<int> value) { result.Send(value.has_value()); }));
    });
    b.Close();
    EXPECT_EQ(result.Recv(), false);
  });
}

TEST(SelectTest, ClosedChannelIsAlwaysReady) {
  const auto open = MakeChan<int>(), closed = MakeChan<int>(1);
  closed.Send(1);
  closed.Close();
  std::optional<int> value;
  for (const std::optional<int> expected : {std::optional(1), std::optional<int>(), std::optional<int>()}) {
    EXPECT_EQ(Select(OnRecv(open), OnRecv(closed, [&](std::optional<int> got) { value = got; })), 1u);
    EXPECT_EQ(value, expected);
  }
}

TEST(SelectTest, NilChannelIsNeverChosen) {
  const Chan<int> nil;
  const auto channel = MakeChan<int>(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Select(OnRecv(nil), OnSend(nil, 1), OnSend(channel, 1)), 2u);
    EXPECT_EQ(Select(OnRecv(nil), OnRecv(channel), OnSend(nil, 1)), 1u);
    EXPECT_EQ(Select(OnRecv(nil), OnSend(nil, 1), OnDefault()), 2u);
  }
}

TEST(SelectTest, WithoutCasesOrWithNilChannelsOnlyItBlocksForEver) {
  InGoroutine([] {
    AwaitWaiting(GoWithId([] { Select(); }), WaitReason::kSelectNoCases);
    AwaitWaiting(GoWithId([] { Select(OnRecv(Chan<int>()), OnSend(Chan<int>(), 1)); }),
                 WaitReason::kSelectNoCases);
  });
}

TEST(SelectTest, ReadyCasesAreEquallyLikely) {
  // 40,000 throws of a fair die with four sides: 10,000 each, standard deviation 87.
  constexpr int kThrows = 40'000, kMargin = 870;
  std::array<Chan<int>, 4> channels;
  for (auto& channel : channels) channel = MakeChan<int>(1);
  for (auto& channel : channels) channel.Send(1);
  const auto throw_dice = [](auto select) {
    std::array<int, 4> chosen = {};
    for (int i = 0; i < kThrows; ++i) ++chosen[select()];
    for (const int times : chosen) EXPECT_NEAR(times, kThrows / 4, kMargin);
  };
  const auto refill = [](Chan<int> channel) { return OnRecv(channel, [channel](auto) { channel.Send(1); }); };
  InGoroutine([&] {
    throw_dice([&] {
      return Select(refill(channels[0]), refill(channels[1]), refill(channels[2]), refill(channels[3]));
    });
    throw_dice([&] {
      return Select(refill(channels[0]), refill(channels[1]), refill(channels[2]), refill(channels[3]),
                    OnDefault());
    });
    // The same channel in all cases.
    throw_dice([&] {
      return Select(refill(channels[0]), refill(channels[0]), refill(channels[0]), refill(channels[0]));
    });
  });
  // As a thread.
  throw_dice([&] {
    return Select(refill(channels[0]), refill(channels[1]), refill(channels[2]), refill(channels[3]));
  });
}

TEST(SelectTest, CasesThatAreNotReadyDoNotSpoilTheFairnessOfThoseThatAre) {
  constexpr int kThrows = 20'000, kMargin = 710;  // standard deviation 71
  const auto busy = MakeChan<int>(1), idle = MakeChan<int>();
  int sends = 0;
  for (int i = 0; i < kThrows; ++i) {
    const auto full = MakeChan<int>(1);
    full.Send(1);
    sends += Select(OnRecv(idle), OnSend(busy, 1), OnRecv(Chan<int>()), OnRecv(full)) == 1;
    busy.TryRecv();
  }
  EXPECT_NEAR(sends, kThrows / 2, kMargin);
}

TEST(SelectTest, SendAndReceiveOnOneChannelNeverMeetThemselves) {
  InGoroutine([] {
    const auto channel = MakeChan<int>();
    EXPECT_EQ(Select(OnSend(channel, 1), OnRecv(channel), OnDefault()), 2u);
    const auto result = MakeChan<std::pair<size_t, int>>(2);
    const auto play = [=](int mine) {
      int got = 0;
      const size_t which = Select(OnSend(channel, mine), OnRecv(channel, [&](auto value) { got = *value; }));
      result.Send({which, got});
    };
    GoSelecting([=] { play(10); });
    play(20);
    const auto first = *result.Recv(), second = *result.Recv();
    EXPECT_NE(first.first, second.first);
    EXPECT_TRUE(first.second + second.second == 10 || first.second + second.second == 20);
    EXPECT_FALSE(channel.TrySend(1));
    EXPECT_EQ(channel.TryRecv(), std::nullopt);
  });
}

TEST(SelectTest, ABufferedChannelCanBeSentToAndReceivedFrom) {
  const auto channel = MakeChan<int>(1);
  EXPECT_EQ(Select(OnSend(channel, 1), OnRecv(channel)), 0u);
  EXPECT_EQ(Select(OnSend(channel, 2), OnRecv(channel)), 1u);
}

TEST(SelectTest, MoreCasesThanFitOnTheStack) {
  InGoroutine([] {
    std::array<Chan<int>, 20> c;
    for (auto& channel : c) channel = MakeChan<int>();
    const auto result = MakeChan<size_t>(1);
    const auto select = [=] {
      result.Send(Select(OnRecv(c[0]), OnRecv(c[1]), OnRecv(c[2]), OnRecv(c[3]), OnRecv(c[4]), OnRecv(c[5]),
                         OnRecv(c[6]), OnRecv(c[7]), OnRecv(c[8]), OnRecv(c[9]), OnRecv(c[10]), OnRecv(c[11]),
                         OnRecv(c[12]), OnRecv(c[13]), OnRecv(c[14]), OnRecv(c[15]), OnRecv(c[16]),
                         OnRecv(c[17]), OnRecv(c[18]), OnRecv(c[19])));
    };
    for (size_t i = 0; i < c.size(); ++i) {
      GoSelecting(select);
      c[i].Send(1);
      EXPECT_EQ(result.Recv(), i);
      for (const auto& channel : c) EXPECT_FALSE(channel.TrySend(1));
    }
  });
}

TEST(SelectTest, HandlersMayUseTheSameChannelsAndSelectAgain) {
  const auto channel = MakeChan<int>(1);
  channel.Send(3);
  int depth = 0;
  const auto again = [&](auto& self) -> void {
    Select(OnRecv(channel, [&](std::optional<int> left) {
      ++depth;
      if (*left == 0) return;
      channel.Send(*left - 1);
      self(self);
    }));
  };
  again(again);
  EXPECT_EQ(depth, 4);
}

struct Counted {
  static inline std::atomic<int> alive{0};
  Counted() { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  Counted(const Counted&) = delete;
  ~Counted() { --alive; }
};

TEST(SelectTest, MoveOnlyValuesAreSentOnceAndDestroyedOnce) {
  {
    const auto a = MakeChan<Counted>(1), b = MakeChan<Counted>(1);
    for (int i = 0; i < 100; ++i) {
      Select(OnSend(a, Counted()), OnSend(b, Counted()));
      EXPECT_EQ(Counted::alive, 1);
      Select(OnRecv(a, [](std::optional<Counted> value) { EXPECT_TRUE(value.has_value()); }), OnRecv(b));
      EXPECT_EQ(Counted::alive, 0);
    }
    Select(OnSend(a, Counted()));
    EXPECT_EQ(Select(OnSend(a, Counted()), OnDefault()), 1u);
    EXPECT_EQ(Counted::alive, 1);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(SelectTest, ThreadsMaySelect) {
  const auto a = MakeChan<int>(), b = MakeChan<int>(), done = MakeChan<int>();
  Go([=] {
    for (int i = 0; i < 100; ++i) (i % 3 == 0 ? a : b).Send(i);
    done.Close();
  });
  int sum = 0;
  const auto add = [&](std::optional<int> value) { sum += *value; };
  while (Select(OnRecv(a, add), OnRecv(b, add), OnRecv(done)) != 2) continue;
  EXPECT_EQ(sum, 99 * 100 / 2);
}

using SelectStressTest = Seeded;

// Everybody selects: sends own values and receives others' on channels chosen at random. What was sent must
// be what was received, in number and sum.
TEST_F(SelectStressTest, NothingIsLostOrDoubled) {
  for (int round = 0; round < 4; ++round) {
    constexpr size_t kChannels = 4;
    constexpr uint64_t kEach = 300;
    const uint32_t players = 2 + random_() % 10;
    std::array<Chan<uint64_t>, kChannels> channels;
    for (auto& channel : channels) channel = MakeChan<uint64_t>(random_() % 3);
    const auto stop = MakeChan<Unit>();
    struct Total {
      uint64_t sent = 0, sent_sum = 0, received = 0, received_sum = 0;
    };
    const auto all_sent = MakeChan<Unit>(players);
    const auto totals = MakeChan<Total>(players);
    const auto play = [=](uint32_t player, unsigned seed) {
      std::mt19937 random(seed);
      Total total;
      bool stopped = false;
      const auto receive = [&total](std::optional<uint64_t> value) {
        ++total.received;
        total.received_sum += *value;
      };
      while (!stopped) {
        const auto& out = channels[random() % kChannels];
        const auto& in = channels[random() % kChannels];
        const auto& in2 = channels[random() % kChannels];
        const uint64_t value = uint64_t{player} << 32 | total.sent;
        const bool sends = total.sent < kEach;
        Select(OnSend(sends ? out : Chan<uint64_t>(), value,
                      [&] {
                        ++total.sent;
                        total.sent_sum += value;
                        if (total.sent == kEach) all_sent.Send({});
                      }),
               OnRecv(in, receive), OnRecv(in2, receive), OnRecv(stop, [&](auto) { stopped = true; }));
        if (random() % 8 == 0) Yield();
      }
      totals.Send(total);
    };
    std::vector<std::thread> threads;
    for (uint32_t player = 0; player < players; ++player) {
      const auto run = [play, player, seed = random_()] { play(player, seed); };
      if (player == 0 && round % 2 == 0) {
        threads.emplace_back(run);
      } else {
        Go(run);
      }
    }
    // One that only receives, from everywhere: else players that have sent all might wait for each other in
    // pairs of channels.
    const auto drained = MakeChan<Total>(1);
    Go([=] {
      Total total;
      const auto receive = [&total](std::optional<uint64_t> value) {
        ++total.received;
        total.received_sum += *value;
      };
      while (Select(OnRecv(channels[0], receive), OnRecv(channels[1], receive), OnRecv(channels[2], receive),
                    OnRecv(channels[3], receive), OnRecv(stop)) != 4) {
      }
      drained.Send(total);
    });
    for (uint32_t i = 0; i < players; ++i) all_sent.Recv();
    stop.Close();
    Total sum = *drained.Recv();
    for (uint32_t i = 0; i < players; ++i) {
      const Total total = *totals.Recv();
      sum.sent += total.sent;
      sum.sent_sum += total.sent_sum;
      sum.received += total.received;
      sum.received_sum += total.received_sum;
    }
    for (const auto& channel : channels) {
      while (const auto value = channel.TryRecv()) {
        ++sum.received;
        sum.received_sum += *value;
      }
    }
    EXPECT_EQ(sum.sent, players * kEach);
    EXPECT_EQ(sum.received, sum.sent);
    EXPECT_EQ(sum.received_sum, sum.sent_sum);
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace stray::runtime
