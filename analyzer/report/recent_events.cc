// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/recent_events.h"

#include <algorithm>

#include "absl/strings/string_view.h"

namespace stray::analyzer {
namespace {

constexpr uint32_t kSequenceModulus = uint32_t{1} << 24;

bool Wakes(const wire::Event& event) {
  constexpr absl::string_view kWaking[] = {"signal",   "broadcast",  "post",      "unlock",
                                           "rwunlock", "futex wake", "chan send", "chan close"};
  return std::find(std::begin(kWaking), std::end(kWaking), event.kind()) != std::end(kWaking);
}

// Sequence numbers start again at 0: where both ends of the range are in use, the low ones are the newer.
void SortBySequence(std::vector<RecentEvent>& events) {
  uint32_t low = kSequenceModulus;
  uint32_t high = 0;
  for (const RecentEvent& entry : events) {
    low = std::min(low, entry.event->sequence());
    high = std::max(high, entry.event->sequence());
  }
  const bool wrapped = high > low && high - low > kSequenceModulus / 2;
  auto place = [wrapped](const RecentEvent& entry) {
    const uint32_t sequence = entry.event->sequence();
    return wrapped && sequence < kSequenceModulus / 2 ? sequence + kSequenceModulus : sequence;
  };
  std::stable_sort(events.begin(), events.end(),
                   [&](const RecentEvent& a, const RecentEvent& b) { return place(a) < place(b); });
}

}  // namespace

RecentEvents::RecentEvents(const ProcessModel& process, const absl::flat_hash_set<uint32_t>& objects) {
  if (objects.empty()) return;
  for (const wire::Task& task : process.tasks) {
    for (const wire::Event& event : task.events()) {
      if (event.object() != 0 && objects.contains(event.object())) {
        by_object_[event.object()].push_back({task.id(), &event});
      }
    }
  }
  for (auto& [object, events] : by_object_) SortBySequence(events);
}

std::vector<RecentEvent> RecentEvents::Telling(uint32_t object, size_t limit) const {
  auto found = by_object_.find(object);
  if (found == by_object_.end()) return {};
  const std::vector<RecentEvent>& all = found->second;
  std::vector<bool> chosen(all.size());
  size_t left = limit;
  auto choose_newest = [&](bool wakes, size_t at_most) {
    for (size_t i = all.size(); i-- > 0 && left > 0 && at_most > 0;) {
      if (chosen[i] || Wakes(*all[i].event) != wakes) continue;
      chosen[i] = true;
      --left;
      --at_most;
    }
  };
  choose_newest(true, (limit + 1) / 2);
  choose_newest(false, limit);
  choose_newest(true, limit);
  std::vector<RecentEvent> result;
  for (size_t i = 0; i < all.size(); ++i) {
    if (chosen[i]) result.push_back(all[i]);
  }
  return result;
}

bool RecentEvents::HasWake(uint32_t object) const {
  auto found = by_object_.find(object);
  return found != by_object_.end() && std::any_of(found->second.begin(), found->second.end(),
                                                  [](const RecentEvent& entry) { return Wakes(*entry.event); });
}

}  // namespace stray::analyzer
