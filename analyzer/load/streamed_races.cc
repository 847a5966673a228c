// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/streamed_races.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "analyzer/trace/happens_before.h"

namespace stray::analyzer {
namespace {

// First: which pairs.
class RaceFinder : public EventSink {
 public:
  explicit RaceFinder(const LearnedTrace& learned)
      : learned_(learned),
        engine_(HappensBefore::Order::kSchedulable, [this](const HappensBefore::Race& race) { OnRace(race); }) {
  }

  void MoveTo(StreamedTrace& out) {
    for (const auto& [places, known] : by_places_) out_.races[known.race].similar = known.count - 1;
    out_.events = engine_.event_count();
    out = std::move(out_);
  }

 private:
  struct Known {
    size_t race;
    uint32_t count;
  };

  void OnEvent(const TraceEvent& event, uint32_t callers) override {
    if (event.op == TraceOp::kFork) AddFork(event, callers);
    event_ = &event;
    engine_.Add(event);
  }
  void OnVariablesGone(uint32_t first, uint32_t count) override { engine_.ForgetVariables(first, count); }
  void OnSyncGone(uint32_t sync) override { engine_.ForgetSync(sync); }

  void OnRace(const HappensBefore::Race& race) {
    const auto places = std::minmax({race.first_location, event_->location});
    const auto [it, is_new] = by_places_.try_emplace(places, Known{out_.races.size(), 0});
    ++it->second.count;
    if (!is_new) return;
    StreamedRace& found = out_.races.emplace_back();
    found.first.event = race.first;
    found.second.event = race.second;
    found.variable = learned_.memory.variables()[event_->operand];
  }

  void AddFork(const TraceEvent& event, uint32_t callers) {
    if (event.operand >= out_.forks.size())
      out_.forks.resize(event.operand + 1, {0, 0, StreamedTrace::kNoFork});
    out_.forks[event.operand] = {event.task, event.location, callers};
  }

  const LearnedTrace& learned_;
  StreamedTrace out_;
  HappensBefore engine_;
  const TraceEvent* event_ = nullptr;  // that is being added
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, Known> by_places_;
};

// Then: what their tasks were doing.
class AccessDescriber : public EventSink {
 public:
  explicit AccessDescriber(std::vector<StreamedRace>& races) {
    for (StreamedRace& race : races) {
      for (StreamedAccess* access : {&race.first, &race.second}) wanted_.push_back(access);
    }
    std::sort(wanted_.begin(), wanted_.end(),
              [](const StreamedAccess* a, const StreamedAccess* b) { return a->event < b->event; });
  }

 private:
  // Nested acquires in one mode are one.
  struct Hold {
    StreamedAccess::Held held;
    uint32_t depth;
  };

  void OnEvent(const TraceEvent& event, uint32_t callers) override {
    if (next_ == wanted_.size()) return;
    const RecordedPlace place = {event.task, event.location, callers};
    for (; next_ < wanted_.size() && wanted_[next_]->event == at_; ++next_) {
      wanted_[next_]->place = place;
      wanted_[next_]->writes = event.op == TraceOp::kWrite;
      wanted_[next_]->held = HeldBy(event.task);
    }
    ++at_;
    if (IsAcquire(event.op)) {
      Acquire(event.operand, event.op != TraceOp::kAcquireRead, place);
    } else if (event.op == TraceOp::kRelease || event.op == TraceOp::kReleaseRead) {
      Release(event.task, event.operand, event.op == TraceOp::kRelease);
    }
  }

  std::vector<Hold>::iterator Find(uint32_t task, uint32_t lock, bool to_write) {
    if (task >= holds_.size()) holds_.resize(task + 1);
    return std::find_if(holds_[task].begin(), holds_[task].end(), [&](const Hold& hold) {
      return hold.held.lock == lock && hold.held.to_write == to_write;
    });
  }

  void Acquire(uint32_t lock, bool to_write, const RecordedPlace& place) {
    const auto hold = Find(place.task, lock, to_write);
    if (hold != holds_[place.task].end()) {
      ++hold->depth;
    } else {
      holds_[place.task].push_back({{lock, to_write, place}, 1});
    }
  }

  void Release(uint32_t task, uint32_t lock, bool to_write) {
    const auto hold = Find(task, lock, to_write);
    if (hold != holds_[task].end() && --hold->depth == 0) holds_[task].erase(hold);
  }

  std::vector<StreamedAccess::Held> HeldBy(uint32_t task) const {
    std::vector<StreamedAccess::Held> all;
    if (task >= holds_.size()) return all;
    for (const Hold& hold : holds_[task]) {
      const auto at =
          std::lower_bound(all.begin(), all.end(), hold.held.lock,
                           [](const StreamedAccess::Held& held, uint32_t lock) { return held.lock < lock; });
      if (at != all.end() && at->lock == hold.held.lock) {
        *at = {at->lock, true, hold.held.place};  // in the other mode, too
      } else {
        all.insert(at, hold.held);
      }
    }
    return all;
  }

  std::vector<StreamedAccess*> wanted_;  // in the order of events
  size_t next_ = 0;
  EventIndex at_ = 0;
  std::vector<std::vector<Hold>> holds_;  // by task, in the order in which they were taken
};

}  // namespace

absl::StatusOr<StreamedTrace> StreamRaces(const ProcessModel& process, LearnedTrace& learned) {
  StreamedTrace out;
  RaceFinder finder(learned);
  absl::StatusOr<RecordedProgram> program =
      MakeEvents(process, learned, NumbersOf::kWhatIsThere, kMostEvents, finder);
  if (!program.ok()) return program.status();
  finder.MoveTo(out);
  if (!out.races.empty()) {
    AccessDescriber describer(out.races);
    program = MakeEvents(process, learned, NumbersOf::kWhatIsThere, kMostEvents, describer);
    if (!program.ok()) return program.status();
  }
  out.program = *std::move(program);
  return out;
}

}  // namespace stray::analyzer
