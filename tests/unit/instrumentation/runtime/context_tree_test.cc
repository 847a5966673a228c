// SPDX-License-Identifier: Apache-2.0
// stray::Context and the tree behind it.
#include "instrumentation/runtime/context_tree.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "stray/select.h"
#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

bool IsDone(const Context& context) {
  bool done = false;
  Select(OnRecv(context.Done(), [&](auto) { done = true; }), OnDefault());
  EXPECT_EQ(done, static_cast<bool>(context.Err()));
  return done;
}

int Children(const Context& context) {
  int count = 0;
  for (const auto* child = context.get()->first_child; child != nullptr; child = child->next) ++count;
  return count;
}

TEST(ContextTest, BackgroundIsNeverDone) {
  for (const Context& context : {Background(), Todo(), Context()}) {
    EXPECT_FALSE(static_cast<bool>(context.Done()));
    EXPECT_FALSE(context.Err());
    EXPECT_FALSE(context.Deadline().has_value());
    EXPECT_EQ(context.Value<int>("key"), nullptr);
    EXPECT_FALSE(Cause(context));
  }
  EXPECT_FALSE(Background() == Todo());
}

TEST(ContextTest, CancelFlowsDownNeverUp) {
  auto [top, cancel_top] = WithCancel(Background());
  auto [middle, cancel_middle] = WithCancel(top);
  const Context value = WithValue(middle, "key", 1);
  auto [low, cancel_low] = WithCancel(value);
  auto [sibling, cancel_sibling] = WithCancel(top);
  cancel_middle();
  EXPECT_TRUE(IsDone(middle));
  EXPECT_TRUE(IsDone(value));
  EXPECT_TRUE(IsDone(low));
  EXPECT_FALSE(IsDone(top));
  EXPECT_FALSE(IsDone(sibling));
  EXPECT_EQ(low.Err(), ErrCanceled());
  EXPECT_EQ(low.Err().Text(), "context canceled");
  EXPECT_EQ(Cause(low), ErrCanceled());
  cancel_middle();  // the first one counts
  cancel_low();
  cancel_top();
  EXPECT_TRUE(IsDone(sibling));
}

TEST(ContextTest, ChildOfOneThatIsDoneIsDone) {
  auto [parent, cancel] = WithCancelCause(Background());
  cancel(Error("enough"));
  auto [child, cancel_child] = WithCancel(parent);
  EXPECT_TRUE(IsDone(child));
  EXPECT_EQ(Cause(child).Text(), "enough");
  auto [timed, cancel_timed] = WithTimeout(parent, hours(1));
  EXPECT_EQ(timed.Err(), ErrCanceled());
}

TEST(ContextTest, CancelWakesAllThatWait) {
  auto [context, cancel] = WithCancel(Background());
  WaitGroup group;
  const auto done = context.Done();
  for (int i = 0; i < 5; ++i) group.Go([&done] { EXPECT_FALSE(done.Recv().has_value()); });
  AwaitParked(WaitReason::kChanReceive, done.get(), 5);
  cancel();
  group.Wait();
}

TEST(ContextTest, ManyMayCancelAtOnce) {
  for (int i = 0; i < 100; ++i) {
    auto [parent, cancel_parent] = WithCancel(Background());
    auto [context, cancel] = WithTimeout(parent, nanoseconds(i * 1000));
    const auto done = context.Done();
    WaitGroup group;
    for (int j = 0; j < 3; ++j) group.Go([f = cancel] { f(); });
    group.Go([f = cancel_parent] { f(); });
    EXPECT_FALSE(done.Recv().has_value());
    group.Wait();
    EXPECT_TRUE(context.Err());
  }
}

TEST(ContextTest, TimeoutIsDeadlineExceeded) {
  const Time begin = Time::clock::now();
  auto [context, cancel] = WithTimeout(Background(), milliseconds(2));
  auto [child, cancel_child] = WithCancel(context);
  EXPECT_FALSE(child.Done().Recv().has_value());
  EXPECT_GE(Time::clock::now(), begin + milliseconds(2));
  EXPECT_EQ(child.Err(), ErrDeadlineExceeded());
  EXPECT_EQ(child.Err().Text(), "context deadline exceeded");
  EXPECT_EQ(Cause(child), ErrDeadlineExceeded());
  cancel();
  EXPECT_EQ(context.Err(), ErrDeadlineExceeded());
}

TEST(ContextTest, EarlierDeadlineWins) {
  const Time now = Time::clock::now();
  auto [far, cancel_far] = WithDeadline(Background(), now + hours(2));
  auto [near, cancel_near] = WithDeadline(far, now + hours(1));
  auto [child, cancel_child] = WithDeadline(near, now + hours(3));
  EXPECT_EQ(far.Deadline(), now + hours(2));
  EXPECT_EQ(near.Deadline(), now + hours(1));
  EXPECT_EQ(child.Deadline(), now + hours(1));
  EXPECT_FALSE(IsDone(child));
  auto [past, cancel_past] = WithDeadline(child, now - hours(1));
  EXPECT_TRUE(IsDone(past));
  EXPECT_EQ(past.Err(), ErrDeadlineExceeded());
  EXPECT_EQ(Children(child), 0);
}

TEST(ContextTest, CausesAreTold) {
  auto [context, cancel] = WithCancelCause(Background());
  auto [child, cancel_child] = WithCancelCause(context);
  const Error reason("disk full");
  EXPECT_FALSE(Cause(context));
  cancel(reason);
  cancel_child(Error("later"));
  EXPECT_EQ(context.Err(), ErrCanceled());
  EXPECT_EQ(Cause(context), reason);
  EXPECT_EQ(Cause(child), reason);

  auto [timed, cancel_timed] = WithTimeoutCause(Background(), nanoseconds(1), Error("too slow"));
  timed.Done().Recv();
  EXPECT_EQ(timed.Err(), ErrDeadlineExceeded());
  EXPECT_EQ(Cause(timed).Text(), "too slow");
}

struct UserKey {
  bool operator==(const UserKey&) const = default;
};

TEST(ContextTest, ValuesAreFoundByTypeAndKey) {
  const Context name = WithValue(Background(), "name", std::string("ann"));
  auto [context, cancel] = WithCancel(WithValue(name, UserKey{}, 7));
  ASSERT_NE(context.Value<std::string>("name"), nullptr);
  EXPECT_EQ(*context.Value<std::string>(std::string("name")), "ann");
  EXPECT_EQ(*context.Value<int>(UserKey{}), 7);
  EXPECT_EQ(context.Value<int>("name"), nullptr);
  EXPECT_EQ(context.Value<long>(UserKey{}), nullptr);
  EXPECT_EQ(context.Value<std::string>("age"), nullptr);
  EXPECT_EQ(name.Value<int>(UserKey{}), nullptr);
  const Context inner = WithValue(context, UserKey{}, 8);
  EXPECT_EQ(*inner.Value<int>(UserKey{}), 8);
  EXPECT_EQ(*context.Value<int>(UserKey{}), 7);
}

TEST(ContextTest, WithoutCancelKeepsValuesOnly) {
  auto [parent, cancel] = WithTimeout(WithValue(Background(), UserKey{}, 1), hours(1));
  const Context context = WithoutCancel(parent);
  cancel();
  EXPECT_FALSE(context.Err());
  EXPECT_FALSE(static_cast<bool>(context.Done()));
  EXPECT_FALSE(context.Deadline().has_value());
  EXPECT_EQ(*context.Value<int>(UserKey{}), 1);
  auto [child, cancel_child] = WithCancel(context);
  EXPECT_FALSE(IsDone(child));
}

TEST(ContextTest, ChildThatIsDroppedOrDoneLeavesItsParent) {
  auto [parent, cancel_parent] = WithCancel(Background());
  {
    auto [child, cancel] = WithCancel(parent);
    auto [timed, cancel_timed] = WithTimeout(parent, hours(1));
    EXPECT_EQ(Children(parent), 2);
    cancel();
    EXPECT_EQ(Children(parent), 1);
  }
  EXPECT_EQ(Children(parent), 0);
  for (int i = 0; i < 1000; ++i) (void)WithTimeout(parent, nanoseconds(i * 10)).context.Done();
  EXPECT_EQ(Children(parent), 0);
}

TEST(ContextTest, ValueLivesAsLongAsItsContext) {
  auto value = std::make_shared<int>(1);
  {
    const Context context = WithValue(Background(), UserKey{}, value);
    EXPECT_EQ(value.use_count(), 2);
  }
  EXPECT_EQ(value.use_count(), 1);
}

// TSan sees no other order between the two than that of the references.
TEST(ContextTest, ValueIsDestroyedAfterAllItsUses) {
  for (int i = 0; i < 100; ++i) {
    Context context = WithValue(Background(), UserKey{}, std::string(100, 'x'));
    Go([context] { EXPECT_EQ(context.Value<std::string>(UserKey{})->size(), 100u); });
    while (context.get()->references.load(std::memory_order_relaxed) != 1) Yield();
    context = Context();
  }
}

TEST(ContextTest, LongestTimeoutIsInTheFuture) {
  auto [context, cancel] = WithTimeout(Background(), nanoseconds::max());
  EXPECT_FALSE(IsDone(context));
  EXPECT_GT(*context.Deadline(), Time::clock::now() + hours(24 * 365));
}

TEST(ContextTest, LongChainsAreNoProblem) {
  Context context;
  for (int i = 0; i < 100'000; ++i) context = WithValue(context, i, i);
  EXPECT_EQ(*context.Value<int>(5), 5);
}

// What a report needs to say that a cancel was forgotten.
TEST(ContextTest, ForgottenCancelIsSeen) {
  Context context;
  {
    auto [child, cancel] = WithCancel(Background());
    context = child;
    EXPECT_EQ(child.get()->cancel_funcs.load(), 1);
    CancelFunc copy = cancel;
    EXPECT_EQ(child.get()->cancel_funcs.load(), 2);
  }
  EXPECT_EQ(context.get()->cancel_funcs.load(), 0);
  EXPECT_FALSE(context.get()->is_done.load());
  EXPECT_NE(context.get()->created_at, nullptr);
}

TEST(ContextTest, ErrorsOfOneTextAreNotTheSame) {
  EXPECT_EQ(Error(), Error());
  EXPECT_FALSE(Error("a") == Error("a"));
  EXPECT_EQ(Error(std::make_error_code(std::errc::timed_out)),
            Error(std::make_error_code(std::errc::timed_out)));
  EXPECT_FALSE(Error(std::error_code()));
}

TEST(ContextAfterFuncTest, IsCalledOnceItIsDone) {
  auto called = MakeChan<uint64_t>(2);
  auto [context, cancel] = WithCancel(Background());
  (void)AfterFunc(context, [called] { called.Send(GoroutineId()); });  // needs no handle
  EXPECT_EQ(called.Len(), 0u);
  cancel();
  EXPECT_NE(called.Recv(), 0u);
  (void)AfterFunc(context, [called] { called.Send(1); });  // at once
  EXPECT_EQ(called.Recv(), 1u);
}

TEST(ContextAfterFuncTest, StopKeepsItFromBeingCalled) {
  auto captured = std::make_shared<int>(0);
  auto [context, cancel] = WithCancel(Background());
  auto stop = AfterFunc(context, [captured] { ++*captured; });
  EXPECT_EQ(Children(context), 1);
  EXPECT_TRUE(stop());
  EXPECT_FALSE(stop());
  EXPECT_EQ(Children(context), 0);
  cancel();
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(*captured, 0);
}

TEST(ContextAfterFuncTest, GoesWithItsContext) {
  auto captured = std::make_shared<int>(0);
  {
    auto [context, cancel] = WithCancel(Background());
    (void)AfterFunc(context, [captured] {});
    EXPECT_EQ(captured.use_count(), 2);
  }
  EXPECT_EQ(captured.use_count(), 1);
}

}  // namespace
}  // namespace stray
