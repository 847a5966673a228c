// SPDX-License-Identifier: Apache-2.0
#include "analyzer/model/timeline.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace stray::analyzer {
namespace {

constexpr uint64_t kFirstStepNs = 1000;
constexpr uint64_t kStepFactor = 4;

uint64_t LengthOf(const ActivitySpan& span) { return span.end_ns - span.begin_ns; }

// Short spans next to each other become one that is mixed; a lone one is added to the one before it, or, the
// first of all, to the one behind it.
void JoinShort(std::vector<ActivitySpan>& spans, uint64_t shortest_ns) {
  std::vector<ActivitySpan> joined;
  for (size_t i = 0; i < spans.size();) {
    size_t end = i;
    while (end < spans.size() && (LengthOf(spans[end]) < shortest_ns || spans[end].state == Activity::kMixed))
      ++end;
    if (end == i) {
      joined.push_back(spans[i++]);
      continue;
    }
    ActivitySpan run = spans[i];
    run.end_ns = spans[end - 1].end_ns;
    const bool is_lone = end - i == 1 && run.state != Activity::kMixed;
    if (!is_lone) run = {.begin_ns = run.begin_ns, .end_ns = run.end_ns, .state = Activity::kMixed};
    if (LengthOf(run) >= shortest_ns || spans.size() == end - i) {
      joined.push_back(run);
    } else if (!joined.empty()) {
      joined.back().end_ns = run.end_ns;
    } else {
      spans[end].begin_ns = run.begin_ns;
    }
    i = end;
  }
  joined.shrink_to_fit();
  spans = std::move(joined);
}

// The lives that stay, the longest ones, in their order.
void LeaveOutLives(Timeline& timeline, size_t most_spans) {
  std::vector<uint32_t> order(timeline.lives.size());
  std::iota(order.begin(), order.end(), 0);
  const auto length = [&](uint32_t life) {
    return timeline.lives[life].end_ns - timeline.lives[life].begin_ns;
  };
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return length(a) > length(b); });
  size_t spans = 0, kept = 0;
  while (kept < order.size() && spans + timeline.lives[order[kept]].spans.size() <= most_spans)
    spans += timeline.lives[order[kept++]].spans.size();
  order.resize(kept);
  std::sort(order.begin(), order.end());
  constexpr uint32_t kGone = UINT32_MAX;
  std::vector<uint32_t> now(timeline.lives.size(), kGone);
  std::vector<TaskLife> lives;
  for (const uint32_t life : order) {
    now[life] = static_cast<uint32_t>(lives.size());
    lives.push_back(std::move(timeline.lives[life]));
  }
  timeline.lives_left_out += timeline.lives.size() - lives.size();
  timeline.lives = std::move(lives);
  const size_t arrows = timeline.arrows.size();
  std::erase_if(timeline.arrows, [&](LifeArrow& arrow) {
    arrow.from = now[arrow.from];
    arrow.to = now[arrow.to];
    return arrow.from == kGone || arrow.to == kGone;
  });
  timeline.arrows_left_out += arrows - timeline.arrows.size();
}

// True if something ends, or begins, right there.
bool HasEdgeAt(const TaskLife& life, uint64_t time_ns) {
  const auto next =
      std::lower_bound(life.spans.begin(), life.spans.end(), time_ns,
                       [](const ActivitySpan& span, uint64_t time) { return span.begin_ns < time; });
  return next != life.spans.end() && next->begin_ns == time_ns;
}

}  // namespace

size_t Timeline::SpanCount() const {
  return std::accumulate(lives.begin(), lives.end(), size_t{0},
                         [](size_t sum, const TaskLife& life) { return sum + life.spans.size(); });
}

void JoinShortSpans(Timeline& timeline, size_t most_spans) {
  while (timeline.SpanCount() > most_spans && timeline.shortest_ns < timeline.end_ns) {
    timeline.shortest_ns = std::max(kFirstStepNs, timeline.shortest_ns * kStepFactor);
    for (TaskLife& life : timeline.lives) JoinShort(life.spans, timeline.shortest_ns);
  }
}

void ThinArrows(Timeline& timeline, size_t most_arrows) {
  const size_t before = timeline.arrows.size();
  if (timeline.shortest_ns != 0) {
    std::erase_if(timeline.arrows,
                  [&](const LifeArrow& arrow) { return !HasEdgeAt(timeline.lives[arrow.to], arrow.to_ns); });
  }
  if (timeline.arrows.size() > most_arrows) {
    // Spread evenly over the run.
    const size_t all = timeline.arrows.size();
    for (size_t i = 0; i < most_arrows; ++i) timeline.arrows[i] = timeline.arrows[i * all / most_arrows];
    timeline.arrows.resize(most_arrows);
  }
  timeline.arrows_left_out += before - timeline.arrows.size();
}

void Coarsen(Timeline& timeline, size_t most_spans, size_t most_arrows) {
  JoinShortSpans(timeline, most_spans);
  if (timeline.SpanCount() > most_spans) LeaveOutLives(timeline, most_spans);
  ThinArrows(timeline, most_arrows);
}

}  // namespace stray::analyzer
