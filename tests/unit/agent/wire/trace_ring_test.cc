// SPDX-License-Identifier: Apache-2.0
#include "agent/wire/trace_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <ctime>
#include <memory>
#include <vector>

namespace stray::trace {
namespace {

using ::testing::ElementsAre;

constexpr size_t kRoom = 64, kChunk = kRoom + kTraceSpareWords;

// A cursor whose chunks come from a row of them.
struct Chunks {
  Chunks() {
    cursor.clock = &clock;
    cursor.refill = [](Cursor* asks) {
      auto* self = reinterpret_cast<Chunks*>(asks);
      if (self->taken == self->words.size()) return false;
      asks->next = self->words[self->taken++].data();
      asks->limit = asks->next + kRoom;
      asks->chunk_end = asks->next + kChunk;
      return true;
    };
  }

  // First words of the events of all chunks, as who empties them reads them.
  std::vector<uint64_t> Read() const {
    std::vector<uint64_t> firsts;
    for (size_t chunk = 0; chunk < taken; ++chunk) {
      for (size_t at = 0; at < kChunk && words[chunk][at] != 0; at += WordsOf(OpOf(words[chunk][at])))
        firsts.push_back(words[chunk][at]);
    }
    return firsts;
  }

  Cursor cursor = {};  // first: see above
  std::array<std::array<uint64_t, kChunk>, 4096> words = {};
  size_t taken = 0;
  uint64_t clock = 0;
};

constexpr uint64_t Time(uint64_t value) { return FirstWord(Op::kTime, 0, value); }
constexpr uint64_t Name(uint64_t fiber) { return FirstWord(Op::kFiberName, 0, fiber); }

TEST(TraceRingTest, EventsStandOneBehindTheOther) {
  auto chunks = std::make_unique<Chunks>();
  Write1(&chunks->cursor, Time(1));
  Write2(&chunks->cursor, Name(2), 7);
  Write1(&chunks->cursor, Time(3));
  EXPECT_THAT(chunks->Read(), ElementsAre(Time(1), Name(2), Time(3)));
  EXPECT_EQ(chunks->cursor.lost, 0u);
}

TEST(TraceRingTest, WhatInterruptsTheWritingOfAnEventStandsBehindIt) {
  auto chunks = std::make_unique<Chunks>();
  Write1(&chunks->cursor, Time(1));
  uint64_t* outer = Reserve(&chunks->cursor, 2);
  Write1(&chunks->cursor, Time(2));
  uint64_t* inner = Reserve(&chunks->cursor, 2);
  Write1(&chunks->cursor, Time(3));
  inner[1] = 8;
  Commit(&chunks->cursor, inner, Name(4));
  outer[1] = 9;
  EXPECT_THAT(chunks->Read(), ElementsAre(Time(1))) << "of a thread that dies here";
  Commit(&chunks->cursor, outer, Name(5));
  Write1(&chunks->cursor, Time(6));
  EXPECT_THAT(chunks->Read(), ElementsAre(Time(1), Name(5), Time(2), Name(4), Time(3), Time(6)));
}

TEST(TraceRingTest, WhoInterruptsTakesNoNewChunk) {
  auto chunks = std::make_unique<Chunks>();
  for (size_t i = 1; i <= kRoom - 2; ++i) Write1(&chunks->cursor, Time(i));
  uint64_t* outer = Reserve(&chunks->cursor, 2);
  for (size_t i = 0; i < kTraceSpareWords + 1; ++i) Write1(&chunks->cursor, Time(100 + i));
  EXPECT_EQ(chunks->cursor.lost, 1u);
  outer[1] = 9;
  Commit(&chunks->cursor, outer, Name(5));
  EXPECT_EQ(chunks->taken, 1u);
  Write1(&chunks->cursor, Time(1000));
  EXPECT_EQ(chunks->taken, 2u);
  EXPECT_EQ(chunks->Read().size(), kRoom - 2 + 1 + kTraceSpareWords + 1);
}

TEST(TraceRingTest, WithoutRoomEventsAreCounted) {
  auto chunks = std::make_unique<Chunks>();
  chunks->cursor.refill = [](Cursor*) { return false; };
  Write1(&chunks->cursor, Time(1));
  Write3(&chunks->cursor, FirstWord(Op::kHook, 0, 1), 2, 3);
  EXPECT_EQ(chunks->cursor.lost, 2u);
  EXPECT_EQ(chunks->cursor.writing, 0u);
}

Chunks* interrupted = nullptr;
uint64_t signals = 0;
void OnSignal(int) {
  ++signals;
  Write2(&interrupted->cursor, Name(1), signals);
  Write1(&interrupted->cursor, Time(1));
}

TEST(TraceRingTest, SignalsAtAnyMoment) {
  auto chunks = std::make_unique<Chunks>();
  interrupted = chunks.get();
  struct sigaction action = {};
  action.sa_handler = &OnSignal;
  struct sigaction before;
  ASSERT_EQ(sigaction(SIGALRM, &action, &before), 0);
  timer_t timer;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGALRM;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  const itimerspec often = {{0, 20'000}, {0, 20'000}};
  ASSERT_EQ(timer_settime(timer, 0, &often, nullptr), 0);
  uint64_t written = 0;
  for (; chunks->taken < 4000; ++written) Write3(&chunks->cursor, FirstWord(Op::kHook, 0, 5), 2, 3);
  timer_delete(timer);
  sigaction(SIGALRM, &before, nullptr);
  const std::vector<uint64_t> firsts = chunks->Read();
  EXPECT_EQ(firsts.size() + chunks->cursor.lost, written + 2 * signals);
}

}  // namespace
}  // namespace stray::trace
