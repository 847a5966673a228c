// SPDX-License-Identifier: Apache-2.0
// timeline.h: what each task of a process was doing when, from a trace.
//
// Times are nanoseconds since the process began. A task's spans lie side by side, in order, from its begin to
// its end.
#ifndef STRAY_ANALYZER_MODEL_TIMELINE_H_
#define STRAY_ANALYZER_MODEL_TIMELINE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stray::analyzer {

enum class Activity : uint8_t {
  kRunning,
  kRunnable,  // could run, and does not: all processors are busy
  kWaiting,
  kMixed,  // several spans, each too short to be kept
};

struct ActivitySpan {
  uint64_t begin_ns = 0, end_ns = 0;
  uint32_t object = 0;       // that it waits for, in the model; 0: none that is known
  uint32_t stack = 0;        // where it waits, in the model; 0: not known
  uint16_t wait_reason = 0;  // of wait_reasons.inc, if it waits
  Activity state = Activity::kRunning;
};

struct TaskLife {
  uint32_t task = 0;       // in the model, which need not know it any more
  bool is_thread = false;  // or a goroutine
  bool has_ended = false;
  std::string name;  // "": it has none
  uint64_t begin_ns = 0, end_ns = 0;
  std::vector<ActivitySpan> spans;
};

enum class ArrowKind : uint8_t {
  kCreates,
  kWakes,      // sends, receives, signals, posts
  kHandsOver,  // a lock
  kSends,      // a value, to who did not have to wait for it
};

// What one task did let another one begin or go on, or is what it got. Both by index in Timeline::lives.
struct LifeArrow {
  uint32_t from = 0, to = 0;
  uint64_t from_ns = 0, to_ns = 0;
  ArrowKind kind = ArrowKind::kWakes;
};

struct Timeline {
  uint64_t end_ns = 0;            // of what is known
  std::vector<TaskLife> lives;    // in the order in which they began
  std::vector<LifeArrow> arrows;  // in the order of to_ns, nearly
  uint64_t shortest_ns = 0;       // spans shorter than this were joined to their neighbours; 0: none were
  uint64_t lives_left_out = 0, arrows_left_out = 0;

  size_t SpanCount() const;
};

// Joins short spans until there are no more than `most_spans`, or nothing is left to be joined.
void JoinShortSpans(Timeline& timeline, size_t most_spans);
// Leaves out arrows, first those to spans that were joined.
void ThinArrows(Timeline& timeline, size_t most_arrows);
// Both; what is too much then are lives, the shortest of which are left out.
void Coarsen(Timeline& timeline, size_t most_spans, size_t most_arrows);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_MODEL_TIMELINE_H_
