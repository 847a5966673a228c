// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/growth.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analyzer/analysis/wait_words.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostPoints = 32;

bool EndsByItself(const ProcessModel& process, const wire::TaskState& state) {
  return state.timed() || WaitOf(process, state).waker == Waker::kTimer;
}

// By contents: the same stack may have several numbers. Names are not needed, and would cost most of all.
class StackHashes {
 public:
  explicit StackHashes(const ProcessModel& process) : process_(process) {}

  uint64_t Of(uint32_t id) {
    if (id == 0) return 0;
    const auto [known, is_new] = known_.try_emplace(id, 0);
    const wire::Stack* stack = is_new ? process_.FindStack(id) : nullptr;
    if (stack != nullptr) {
      known->second = absl::Hash<absl::Span<const uint64_t>>()(
          absl::MakeConstSpan(stack->addresses().data(), stack->addresses().size()));
    }
    return known->second;
  }

  uint64_t Of(const wire::TaskState& state) {
    if (state.stack() != 0) return Of(state.stack());
    return state.site().stack() != 0 ? Of(state.site().stack()) : state.site().address();
  }

 private:
  const ProcessModel& process_;
  absl::flat_hash_map<uint32_t, uint64_t> known_;
};

// Keeps `points` below their number: drops the oldest.
void Slide(std::vector<CountAt>& points) {
  if (points.size() == kMostPoints) points.erase(points.begin());
}

// ... or every other one.
bool Thin(std::vector<CountAt>& points) {
  if (points.size() < kMostPoints) return false;
  for (size_t i = 1; 2 * i < points.size(); ++i) points[i] = points[2 * i];
  points.resize(points.size() / 2);
  return true;
}

bool HasDrained(const std::vector<CountAt>& points) {
  uint64_t peak = 0;
  for (const CountAt& point : points) peak = std::max(peak, point.count);
  return !points.empty() && points.back().count * 2 < peak;
}

}  // namespace

GrowthSeries::Here GrowthSeries::CountTasks(const ProcessModel& process, const WaitAges& ages,
                                            const absl::flat_hash_set<uint32_t>& explained) const {
  Here here;
  StackHashes hashes(process);
  const std::vector<wire::TaskState>& states = process.LastSnapshot()->tasks;
  for (uint32_t index = 0; index < states.size(); ++index) {
    const wire::TaskState& state = states[index];
    const uint32_t age = ages.AgeOf(state.task());
    if (age == 0 || state.state() != "blocked" || explained.contains(state.task())) continue;
    if (age + 1 < rules_.least_points && EndsByItself(process, state)) continue;
    const wire::Task* task = process.FindTask(state.task());
    Place place;
    place.wait = absl::HashOf(absl::string_view(state.wait_reason()),
                              task == nullptr ? absl::string_view() : task->kind());
    place.where = hashes.Of(state);
    place.created = task == nullptr ? 0 : absl::HashOf(hashes.Of(task->create_stack()), task->start_routine());
    here[place].push_back(index);
  }
  return here;
}

void GrowthSeries::MakeSites(const Here& here) {
  for (const auto& [place, tasks] : here) {
    if (sites_.contains(place)) continue;
    if (sites_.size() >= most_sites_) {
      has_lost_ = true;
      continue;
    }
    Site& site = sites_[place];
    // There was nobody at the last snapshot.
    if (last_ns_ != 0) site.recent = site.all = {{last_ns_, 0}};
  }
}

std::optional<Trend> GrowthSeries::AddPoint(const CountAt& point, Site& site) const {
  Slide(site.recent);
  site.recent.push_back(point);
  std::optional<Trend> trend = FindTrend(site.recent, rules_);
  if (++site.skipped < site.stride) return trend;
  site.skipped = 0;
  if (Thin(site.all)) site.stride *= 2;
  site.all.push_back(point);
  if (HasDrained(site.all)) {
    // What comes now is another story.
    site.all = {point};
    site.stride = 1;
  }
  return trend.has_value() ? trend : FindTrend(site.all, rules_);
}

std::vector<GrowingSite> GrowthSeries::Add(const ProcessModel& process, const WaitAges& ages,
                                           const absl::flat_hash_set<uint32_t>& explained) {
  std::vector<GrowingSite> growing;
  const SnapshotModel* snapshot = process.LastSnapshot();
  if (snapshot == nullptr) return growing;
  Here here = CountTasks(process, ages, explained);
  MakeSites(here);
  const uint64_t now_ns = snapshot->info.time_ns();
  for (auto it = sites_.begin(); it != sites_.end();) {
    Site& site = it->second;
    const auto tasks = here.find(it->first);
    const uint64_t count = tasks == here.end() ? 0 : tasks->second.size();
    const std::optional<Trend> trend = AddPoint({now_ns, count}, site);
    if (trend.has_value() && count >= 2 * site.told) {
      site.told = count;
      growing.push_back({*trend, std::move(tasks->second)});
    }
    const bool is_empty = std::all_of(site.recent.begin(), site.recent.end(),
                                      [](const CountAt& point) { return point.count == 0; });
    if (is_empty) {
      sites_.erase(it++);
    } else {
      ++it;
    }
  }
  last_ns_ = now_ns;
  return growing;
}

}  // namespace stray::analyzer
