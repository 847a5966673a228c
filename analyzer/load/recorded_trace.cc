// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_trace.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/wire/goroutine_records.h"

namespace stray::analyzer {
namespace {

// As a name in a trace, which is one word.
std::string WordOf(std::string name) {
  for (char& c : name) {
    if (c == '|' || c == '(' || c == ')' || absl::ascii_isspace(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

class TraceLoader : public EventSink {
 public:
  explicit TraceLoader(const ProcessModel& process) : process_(process) {}

  absl::StatusOr<RecordedTrace> Run(LearnedTrace& learned, EventIndex most_events) {
    absl::StatusOr<RecordedProgram> program =
        MakeEvents(process_, learned, NumbersOf::kAll, most_events, *this);
    if (!program.ok()) return program.status();
    static_cast<RecordedProgram&>(out_) = *std::move(program);
    out_.variables = learned.memory.variables();
    NameAll();
    return std::move(out_);
  }

 private:
  void OnEvent(const TraceEvent& event, uint32_t callers) override {
    if (event.op == TraceOp::kCut && out_.trace.marks.empty()) out_.trace.marks.emplace_back("0");
    out_.trace.events.push_back(event);
    out_.callers_of.push_back(callers);
  }

  void OnPoint(uint32_t task) override {
    if (task >= out_.points.size()) out_.points.resize(task + 1);
    out_.points[task].push_back(static_cast<EventIndex>(out_.trace.events.size()));
  }

  void OnTime(uint32_t task, uint64_t time_ns) override {
    if (task >= out_.times.size()) out_.times.resize(task + 1);
    const auto next = static_cast<EventIndex>(out_.trace.events.size());
    std::vector<std::pair<EventIndex, uint64_t>>& times = out_.times[task];
    if (!times.empty() && times.back().first == next) times.pop_back();
    times.emplace_back(next, time_ns);
  }

  void OnSync(const SyncName& name) override {
    std::vector<std::string>& syncs = out_.trace.syncs;
    switch (name.kind) {
      case SyncName::kObject:
        syncs.push_back(absl::StrCat("object", name.what));
        break;
      case SyncName::kAddress:
        syncs.push_back(absl::StrFormat("0x%x", name.what));
        break;
      case SyncName::kPost:
        syncs.push_back(absl::StrCat("semaphore", name.what, ".", name.number));
        break;
    }
  }

  // What the trace is to call tasks and variables, and tasks that nobody has told of.
  void NameAll() {
    out_.points.resize(out_.task_ids.size());
    for (const uint32_t id : out_.task_ids) {
      const bool is_goroutine = id >= box::kFirstGoroutine;
      const size_t number = out_.trace.tasks.size();
      out_.trace.tasks.push_back(is_goroutine ? absl::StrCat("G", id - box::kFirstGoroutine)
                                 : id != 0    ? absl::StrCat("T", id)
                                              : absl::StrCat("fiber", number));  // of the runtime itself
    }
    for (size_t i = 0; i < out_.places.size(); ++i) out_.trace.locations.push_back(static_cast<int64_t>(i));
    for (const auto& [location, capacity] : out_.capacities)
      out_.trace.locations[location] = static_cast<int64_t>(std::min<uint64_t>(capacity, INT64_MAX));
    for (const RecordedTrace::Lock& lock : out_.locks) out_.trace.locks.push_back(NameOf(lock));
    NameThings(process_, "channel", out_.channel_table, out_.channel_objects, out_.trace.channels);
    NameThings(process_, "wait group", out_.group_table, out_.group_objects, out_.trace.groups);
    for (std::string& name : out_.trace.channels) name = WordOf(std::move(name));
    for (std::string& name : out_.trace.groups) name = WordOf(std::move(name));
    out_.channels = std::move(out_.channel_table.things());
    out_.groups = std::move(out_.group_table.things());
    out_.trace.variables.reserve(out_.variables.size());
    for (const TraceMemory::Variable& variable : out_.variables)
      out_.trace.variables.push_back(absl::StrFormat("0x%x", variable.address));
  }

  std::string NameOf(const RecordedTrace::Lock& lock) const {
    if (lock.object == 0) return absl::StrFormat("0x%x", lock.address);
    const wire::Object* known = process_.FindObject(lock.object);
    return known != nullptr && !known->name().empty() ? WordOf(known->name()) : absl::StrCat("M", lock.object);
  }

  const ProcessModel& process_;
  RecordedTrace out_;
};

}  // namespace

uint64_t RecordedTrace::TimeOf(EventIndex event) const {
  const uint32_t task = trace.events[event].task;
  if (task >= times.size()) return 0;
  const auto later = std::upper_bound(times[task].begin(), times[task].end(), event,
                                      [](EventIndex one, const auto& time) { return one < time.first; });
  return later == times[task].begin() ? 0 : std::prev(later)->second;
}

absl::StatusOr<RecordedTrace> LoadTrace(const ProcessModel& process, LearnedTrace& learned,
                                        EventIndex most_events) {
  return TraceLoader(process).Run(learned, most_events);
}

absl::StatusOr<RecordedTrace> ReadRecordedTrace(const ProcessModel& process, std::vector<std::string>& damage) {
  LearnedTrace learned = LearnTrace(process, damage);
  return LoadTrace(process, learned);
}

}  // namespace stray::analyzer
