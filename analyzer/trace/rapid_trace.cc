// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/rapid_trace.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

class Rewriter {
 public:
  explicit Rewriter(const Trace& trace) : trace_(trace), reader_locks_(trace.locks.size()) {
    out_.tasks = trace.tasks;
    out_.variables = trace.variables;
    out_.locks = trace.locks;
    out_.marks = trace.marks;
    out_.locations = trace.locations;
    for (const std::vector<std::string>* names : {&trace.variables, &trace.locks})
      names_.insert(names->begin(), names->end());
    FindEdges();
    FindReaders();
  }

  Trace Run() {
    for (EventIndex i = 0; i < trace_.events.size(); ++i) Rewrite(i);
    return std::move(out_);
  }

 private:
  // From a signal to an await; both are numbers of names in `out_`.
  struct Edge {
    uint32_t lock;
    uint32_t variable;
  };
  struct Place {
    uint32_t sync, from, to;  // tasks
    auto operator<=>(const Place& other) const = default;
  };

  std::string NewName(std::string name) {
    while (!names_.insert(name).second) name += '\'';
    return name;
  }

  // Of each task that signals the last time is enough, and each time only once for a task that awaits.
  void FindEdges() {
    std::vector<std::map<uint32_t, EventIndex>> signals(trace_.syncs.size());  // last ones, by task
    std::map<Place, EventIndex> known;
    for (EventIndex i = 0; i < trace_.events.size(); ++i) {
      const TraceEvent& event = trace_.events[i];
      if (event.op == TraceOp::kSignal) signals[event.operand][event.task] = i;
      if (event.op != TraceOp::kAwait) continue;
      for (const auto& [task, signal] : signals[event.operand]) {
        const auto [it, is_new] = known.try_emplace({event.operand, task, event.task}, signal);
        if (task != event.task && (is_new || it->second != signal)) AddEdge(signal, i);
        it->second = signal;
      }
    }
  }

  void AddEdge(EventIndex signal, EventIndex await) {
    const std::string name = absl::StrCat(trace_.syncs[trace_.events[signal].operand], ".", ++edge_count_);
    const Edge edge = {static_cast<uint32_t>(out_.locks.size()), static_cast<uint32_t>(out_.variables.size())};
    out_.locks.push_back(NewName(name));
    out_.variables.push_back(NewName(absl::StrCat(name, ".told")));
    edges_[signal].push_back(edge);
    edges_[await].push_back(edge);
  }

  void FindReaders() {
    for (const TraceEvent& event : trace_.events) {
      if (event.op != TraceOp::kAcquireRead) continue;
      const auto [it, is_new] =
          reader_locks_[event.operand].try_emplace(event.task, static_cast<uint32_t>(out_.locks.size()));
      if (is_new)
        out_.locks.push_back(NewName(absl::StrCat(trace_.locks[event.operand], ".", trace_.tasks[event.task])));
    }
  }

  void Rewrite(EventIndex i) {
    const TraceEvent& event = trace_.events[i];
    const std::map<uint32_t, uint32_t>* readers = nullptr;
    if (IsAcquire(event.op) || event.op == TraceOp::kRelease || event.op == TraceOp::kReleaseRead)
      readers = &reader_locks_[event.operand];
    switch (event.op) {
      case TraceOp::kAcquire:
      case TraceOp::kTryAcquire:
        Add(event, TraceOp::kAcquire, event.operand);
        for (const auto& [task, lock] : *readers) Add(event, TraceOp::kAcquire, lock);
        break;
      case TraceOp::kRelease:
        for (auto it = readers->rbegin(); it != readers->rend(); ++it)
          Add(event, TraceOp::kRelease, it->second);
        Add(event, TraceOp::kRelease, event.operand);
        break;
      case TraceOp::kAcquireRead:
        Add(event, TraceOp::kAcquire, readers->at(event.task));
        break;
      case TraceOp::kReleaseRead:
        Add(event, TraceOp::kRelease, readers->at(event.task));
        break;
      case TraceOp::kSignal:
        AddSections(i, TraceOp::kWrite);
        break;
      case TraceOp::kAwait:
        AddSections(i, TraceOp::kRead);
        break;
      case TraceOp::kProvide:
      case TraceOp::kDepend:
      case TraceOp::kCut:
        break;
      default:
        if (!IsOfChannel(event.op) && !IsOfGroup(event.op)) Add(event, event.op, event.operand);
        break;
    }
  }

  void AddSections(EventIndex i, TraceOp access) {
    const auto edges = edges_.find(i);
    if (edges == edges_.end()) return;
    for (const Edge& edge : edges->second) {
      Add(trace_.events[i], TraceOp::kAcquire, edge.lock);
      Add(trace_.events[i], access, edge.variable);
      Add(trace_.events[i], TraceOp::kRelease, edge.lock);
    }
  }

  void Add(const TraceEvent& event, TraceOp op, uint32_t operand) {
    out_.events.push_back({event.task, operand, event.location, op});
  }

  const Trace& trace_;
  Trace out_;
  absl::flat_hash_set<std::string> names_;
  uint64_t edge_count_ = 0;
  absl::flat_hash_map<EventIndex, std::vector<Edge>> edges_;  // by signal, and by await
  std::vector<std::map<uint32_t, uint32_t>> reader_locks_;    // by lock and task
};

}  // namespace

Trace ForRapid(const Trace& trace) { return Rewriter(trace).Run(); }

}  // namespace stray::analyzer
