// SPDX-License-Identifier: Apache-2.0
// steering.h: an order of goroutines that was computed elsewhere, and what became of it: what `stray confirm`
// and a program under STRAY_SCHED=steer:FILE say to each other.
//
// FILE is text, a line for each fact:
//
//   stray-schedule 1
//   outcome /run/user/1000/stray/run-1/outcome     optional: where to tell how far it came (SteeringOutcome)
//   seed 3                                         optional: for what the schedule says nothing of; else 1
//   turn 1 4                                       in this order
//   turn 1.2 0
//   turn 1.1 2 -
//
// A goroutine is named by its descent, since numbers differ from run to run: 1 is the first that no goroutine
// has started, the main one mostly, and 1.2 the second that goroutine 1 has started.
//
// `turn NAME POINTS`: nobody but NAME runs until it has passed POINTS scheduling points in all and stands at
// the next, or has ended. With a `-` behind it, the turn is also over once it has passed them and waits or
// yields. A scheduling point is where an operation of the runtime begins (seeded_order.h): Lock, Send, Go, ...
#ifndef STRAY_AGENT_WIRE_STEERING_H_
#define STRAY_AGENT_WIRE_STEERING_H_

#include <cstdint>
#include <type_traits>

namespace stray::steering {

inline constexpr char kFirstLine[] = "stray-schedule 1";

enum class State : uint32_t {
  kUntouched = 0,  // no program has begun with it
  kOnTheWay = 1,
  kThrough = 2,  // each turn has been had, or was given up
};

// Why the turn of a goroutine was given up.
enum class Reason : uint32_t {
  kNone = 0,
  kNeverStarted = 1,
  kEnded = 2,   // before it had passed its points
  kWaits = 3,   // for something that nobody gave it
  kYields = 4,  // again and again, and comes to no other point
};

// The file that `outcome` names, of just this size. The program maps it and writes while it runs, so that it
// says how far it came whatever ends it. The first program that finds it untouched has it; others that read
// the same schedule, its children, do not keep to it.
struct SteeringOutcome {
  uint32_t state;        // State
  uint32_t reason;       // Reason of the turn that was given up first
  uint64_t turn;         // number of turns that are over
  uint64_t given_up;     // number of the turn that was given up first, from 1; 0: none was
  uint64_t points;       // that its goroutine had passed
  uint32_t wait_reason;  // what it waited for (wait_reasons.inc); 0: it did not
  uint32_t is_held;      // 1: nobody runs, since the one whose turn it is waits
};
static_assert(sizeof(SteeringOutcome) == 40 && std::is_trivially_copyable_v<SteeringOutcome>);

}  // namespace stray::steering

#endif  // STRAY_AGENT_WIRE_STEERING_H_
