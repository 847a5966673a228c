// SPDX-License-Identifier: Apache-2.0
// trace_events.cc: timelines in the Trace Event Format, which ui.perfetto.dev and chrome://tracing show.
//
// Source: "Trace Event Format", the Chromium project. Of it: complete events (X) for spans, flow events (s, f)
// for arrows, metadata (M) for names.
#include <algorithm>
#include <limits>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/report/life_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {
namespace {

std::string Quoted(const std::string& text) { return nlohmann::json(Printable(text)).dump(); }

// Microseconds, to the nanosecond.
std::string Micros(uint64_t ns) { return absl::StrFormat("%d.%03d", ns / 1000, ns % 1000); }

class TraceEvents {
 public:
  explicit TraceEvents(uint64_t zero_ns) : zero_ns_(zero_ns) {}

  void Add(const ProcessModel& process) {
    const Timeline& timeline = *process.timeline;
    base_ns_ = process.process.start_ns() - zero_ns_;
    pid_ = process.process.pid();
    places_.clear();
    objects_.clear();
    Meta("process_name", 0, ProgramName(process));
    for (const TaskLife& life : timeline.lives) {
      Meta("thread_name", life.task, LifeLabel(process, life));
      for (const ActivitySpan& span : life.spans) Add(process, life, span);
    }
    for (const LifeArrow& arrow : timeline.arrows) Add(timeline, arrow);
  }

  std::string Take() { return absl::StrCat("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", text_, "\n]}\n"); }

 private:
  void Begin(char phase, uint32_t task) {
    absl::StrAppend(&text_, text_.empty() ? "\n" : ",\n", "{\"ph\":\"", std::string(1, phase),
                    "\",\"pid\":", pid_, ",\"tid\":", task);
  }

  void Meta(const char* what, uint32_t task, const std::string& name) {
    Begin('M', task);
    absl::StrAppend(&text_, ",\"name\":\"", what, "\",\"args\":{\"name\":", Quoted(name), "}}");
  }

  void Add(const ProcessModel& process, const TaskLife& life, const ActivitySpan& span) {
    Begin('X', life.task);
    absl::StrAppend(&text_, ",\"ts\":", Micros(base_ns_ + span.begin_ns),
                    ",\"dur\":", Micros(span.end_ns - span.begin_ns), ",\"cat\":\"",
                    span.state == Activity::kWaiting ? "wait" : "run", "\",\"name\":", Quoted(LifeWord(span)));
    const std::string& place = PlaceAt(process, span.stack);
    const std::string& object = NameOf(process, span.object);
    if (!place.empty() || !object.empty()) {
      absl::StrAppend(&text_, ",\"args\":{");
      if (!place.empty()) absl::StrAppend(&text_, "\"at\":", place);
      if (!object.empty()) absl::StrAppend(&text_, place.empty() ? "" : ",", "\"object\":", object);
      absl::StrAppend(&text_, "}");
    }
    absl::StrAppend(&text_, "}");
  }

  void Add(const Timeline& timeline, const LifeArrow& arrow) {
    const uint64_t id = ++last_arrow_;
    const std::string rest =
        absl::StrCat(",\"cat\":\"order\",\"name\":\"", ArrowWord(arrow.kind), "\",\"id\":", id);
    Begin('s', timeline.lives[arrow.from].task);
    absl::StrAppend(&text_, ",\"ts\":", Micros(base_ns_ + arrow.from_ns), rest, "}");
    Begin('f', timeline.lives[arrow.to].task);
    absl::StrAppend(&text_, ",\"bp\":\"e\",\"ts\":", Micros(base_ns_ + arrow.to_ns), rest, "}");
  }

  // As JSON; "": not known.
  const std::string& PlaceAt(const ProcessModel& process, uint32_t stack) {
    const auto [it, is_new] = places_.try_emplace(stack);
    if (is_new && stack != 0) it->second = Quoted(PlaceOfStack(process, stack));
    return it->second;
  }
  const std::string& NameOf(const ProcessModel& process, uint32_t object) {
    const auto [it, is_new] = objects_.try_emplace(object);
    if (is_new && object != 0) it->second = Quoted(ObjectLabel(process, object));
    return it->second;
  }

  const uint64_t zero_ns_;
  uint64_t base_ns_ = 0;
  int32_t pid_ = 0;
  uint64_t last_arrow_ = 0;
  std::string text_;
  absl::flat_hash_map<uint32_t, std::string> places_, objects_;
};

}  // namespace

std::string TraceEventsReport(const Model& model) {
  uint64_t zero_ns = std::numeric_limits<uint64_t>::max();
  for (const auto& process : model.processes) {
    if (process->timeline.has_value()) zero_ns = std::min(zero_ns, process->process.start_ns());
  }
  TraceEvents events(zero_ns);
  for (const auto& process : model.processes) {
    if (process->timeline.has_value()) events.Add(*process);
  }
  return events.Take();
}

}  // namespace stray::analyzer
