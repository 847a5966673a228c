// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/race_history.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/event_order.h"

namespace stray::analyzer {
namespace {

using Events = std::vector<const wire::Event*>;

const wire::ReportTask* HistoryOf(const wire::SanitizerReport& report, uint32_t task) {
  for (const wire::ReportTask& history : report.task_histories()) {
    if (history.task() == task) return &history;
  }
  return nullptr;
}

bool IsOneOf(absl::string_view kind, std::initializer_list<absl::string_view> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool TakesForReading(const wire::Event& event) { return event.kind() == "rdlock"; }
bool Takes(const wire::Event& event) { return IsOneOf(event.kind(), {"lock", "trylock", "wrlock", "rdlock"}); }

bool AreSame(const wire::Site& a, const wire::Site& b) {
  return a.address() == b.address() && a.stack() == b.stack();
}

// The one place where `history` says that the lock was taken.
std::optional<wire::Site> OnlyPlace(const wire::ReportTask& history, uint32_t object) {
  std::optional<wire::Site> place;
  for (const wire::Event& event : history.events()) {
    if (event.object() != object || !Takes(event) || !event.has_site()) continue;
    if (place.has_value() && !AreSame(*place, event.site())) return std::nullopt;
    place = event.site();
  }
  return place;
}

const wire::Held* FindHeld(const wire::ReportTask& history, uint32_t object) {
  for (const wire::Held& held : history.held()) {
    if (held.object() == object && held.has_site()) return &held;
  }
  return nullptr;
}

// The object whose clock the event touches: waiting on a condition gives its mutex up and takes it again.
uint32_t ClockOf(const ProcessModel& process, const wire::Event& event) {
  if (!IsOneOf(event.kind(), {"wait", "wait done"})) return event.object();
  const wire::Object* condition = process.FindObject(event.object());
  return condition == nullptr ? 0 : condition->mutex();
}

enum class Passing { kNone, kLock, kPost, kGroup };

Passing ReleaseOf(const wire::Event& event) {
  if (IsOneOf(event.kind(), {"unlock", "rwunlock", "wait"})) return Passing::kLock;
  if (event.kind() == "post") return Passing::kPost;
  return event.kind() == "wait group done" ? Passing::kGroup : Passing::kNone;
}

Passing AcquireOf(const wire::Event& event) {
  if (Takes(event) || event.kind() == "wait done") return Passing::kLock;
  if (event.kind() == "acquire") return Passing::kPost;
  return event.kind() == "wait group wait" ? Passing::kGroup : Passing::kNone;
}

// Whether events[i] gives back a lock that was taken for reading, as far as is known.
bool WasForReading(const Events& events, size_t i) {
  if (events[i]->kind() != "rwunlock") return false;
  for (size_t before = i; before-- > 0;) {
    if (events[before]->object() == events[i]->object() && Takes(*events[before]))
      return TakesForReading(*events[before]);
  }
  return true;  // it is not known, and nothing may be said that is not so
}

// The last of `earlier` that hands on to `acquired`; null: none.
const wire::Event* ReleaseFor(const ProcessModel& process, const Events& earlier, const wire::Event& acquired) {
  const Passing passing = AcquireOf(acquired);
  const uint32_t clock = ClockOf(process, acquired);
  if (passing == Passing::kNone || clock == 0) return nullptr;
  for (size_t i = earlier.size(); i-- > 0;) {
    const wire::Event& event = *earlier[i];
    if (ReleaseOf(event) != passing || ClockOf(process, event) != clock) continue;
    if (!IsNewer(acquired.sequence(), event.sequence())) continue;
    // Readers learn nothing of each other.
    if (TakesForReading(acquired) && WasForReading(earlier, i)) continue;
    return &event;
  }
  return nullptr;
}

}  // namespace

std::vector<EvidenceHeld> HeldAt(const wire::SanitizerReport& report, int index) {
  const wire::Access& access = report.accesses(index);
  const wire::ReportTask* history = HistoryOf(report, access.task());
  std::vector<EvidenceHeld> result;
  for (const wire::Held& held : access.held()) {
    EvidenceHeld& evidence = result.emplace_back(EvidenceHeld{held.object(), held.read(), held.site()});
    const bool is_known = held.site().address() != 0 || held.site().stack() != 0;
    if (is_known || history == nullptr) continue;
    // The later access is the one during which the report was printed.
    const wire::Held* still = index == 0 ? FindHeld(*history, held.object()) : nullptr;
    if (still != nullptr) {
      evidence.site = still->site();
    } else if (const auto place = OnlyPlace(*history, held.object()); place.has_value()) {
      evidence.site = *place;
    }
  }
  return result;
}

std::vector<const wire::Event*> RecentOf(const wire::SanitizerReport& report, uint32_t task) {
  std::vector<const wire::Event*> events;
  const wire::ReportTask* history = HistoryOf(report, task);
  if (history == nullptr) return events;
  for (const wire::Event& event : history->events()) events.push_back(&event);
  return events;
}

std::optional<EvidenceOrder> LastOrder(const ProcessModel& process, const wire::SanitizerReport& report) {
  if (report.accesses_size() != 2) return std::nullopt;
  EvidenceOrder order;
  order.to = report.accesses(0).task();
  order.from = report.accesses(1).task();
  if (order.to == order.from || order.to == 0 || order.from == 0) return std::nullopt;
  const Events later = RecentOf(report, order.to);
  const Events earlier = RecentOf(report, order.from);
  for (auto it = later.rbegin(); it != later.rend(); ++it) {
    order.released = ReleaseFor(process, earlier, **it);
    if (order.released == nullptr) continue;
    order.acquired = *it;
    order.object = ClockOf(process, **it);
    return order;
  }
  for (const wire::Event* event : earlier) {
    if (event->kind() != "create" || event->task() != order.to) continue;
    order.released = event;
    return order;
  }
  return std::nullopt;
}

}  // namespace stray::analyzer
