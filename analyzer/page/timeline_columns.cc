// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/timeline_columns.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/life_text.h"

namespace stray::analyzer {
namespace {

// What a colour stands for.
absl::string_view GroupOf(const ActivitySpan& span) {
  if (span.state == Activity::kRunning) return "running";
  if (span.state == Activity::kRunnable) return "runnable";
  if (span.state == Activity::kMixed) return "several";
  constexpr std::pair<absl::string_view, absl::string_view> kGroups[] = {
      {"mutex", "lock"},     {"rwlock", "lock"},  {"spin lock", "lock"},  {"channel", "channel"},
      {"condition", "sync"}, {"barrier", "sync"}, {"semaphore", "sync"},  {"once", "sync"},
      {"join", "sync"},      {"futex", "sync"},   {"wait group", "sync"}, {"fd", "input and output"},
      {"timer", "sleep"},
  };
  const absl::string_view kind = WaitedKindOf(span.wait_reason);
  for (const auto& [word, group] : kGroups) {
    if (word == kind) return group;
  }
  return "other waits";
}

class Columns {
 public:
  Columns(Texts& texts, Stacks& stacks, Rows& rows) : texts_(texts), stacks_(stacks), rows_(rows) {}

  void Add(const ProcessModel& process, Number number, uint64_t base_ns) {
    const Timeline& timeline = *process.timeline;
    end_ns_ = std::max(end_ns_, base_ns + timeline.end_ns);
    shortest_ns_ = std::max(shortest_ns_, timeline.shortest_ns);
    lives_left_out_ += timeline.lives_left_out;
    arrows_left_out_ += timeline.arrows_left_out;
    const auto first = static_cast<Number>(labels_.size());
    for (const TaskLife& life : timeline.lives) Add(process, number, life, base_ns);
    for (const LifeArrow& arrow : timeline.arrows) {
      arrow_from_.push_back(first + arrow.from);
      arrow_to_.push_back(first + arrow.to);
      arrow_time_.push_back(base_ns + arrow.to_ns);
      arrow_length_.push_back(arrow.to_ns - arrow.from_ns);
      arrow_word_.push_back(texts_.Of(ArrowWord(arrow.kind)));
    }
  }

  Json ToJson() const {
    return {
        {"end_ns", end_ns_},
        {"shortest_ns", shortest_ns_},
        {"lives_left_out", lives_left_out_},
        {"arrows_left_out", arrows_left_out_},
        {"acts",
         {{"count", act_words_.size()},
          {"group", ColumnJson(act_groups_)},
          {"word", ColumnJson(act_words_)},
          {"object", ColumnJson(act_objects_)},
          {"stack", ColumnJson(act_stacks_)}}},
        {"lives",
         {{"count", labels_.size()},
          {"process", ColumnJson(processes_)},
          {"task", ColumnJson(tasks_)},
          {"label", ColumnJson(labels_)},
          {"begin_ns", ColumnJson(begins_)},
          {"ended", ColumnJson(ended_)},
          {"spans", ColumnJson(span_counts_)}}},
        {"spans",
         {{"count", span_acts_.size()}, {"act", ColumnJson(span_acts_)}, {"length_ns", ColumnJson(lengths_)}}},
        {"arrows",
         {{"count", arrow_from_.size()},
          {"from", ColumnJson(arrow_from_)},
          {"to", ColumnJson(arrow_to_)},
          {"to_ns", ColumnJson(arrow_time_)},
          {"length_ns", ColumnJson(arrow_length_)},
          {"word", ColumnJson(arrow_word_)}}}};
  }

 private:
  using ActKey = std::tuple<Number, Number, Number, Number>;

  void Add(const ProcessModel& process, Number number, const TaskLife& life, uint64_t base_ns) {
    processes_.push_back(number);
    tasks_.push_back(process.FindTask(life.task) == nullptr ? 0 : rows_.Task(process, life.task));
    labels_.push_back(texts_.Of(LifeLabel(process, life)));
    begins_.push_back(base_ns + life.begin_ns);
    ended_.push_back(life.has_ended ? 1 : 0);
    span_counts_.push_back(static_cast<Number>(life.spans.size()));
    for (const ActivitySpan& span : life.spans) {
      span_acts_.push_back(ActOf(process, span));
      lengths_.push_back(span.end_ns - span.begin_ns);
    }
  }

  Number ActOf(const ProcessModel& process, const ActivitySpan& span) {
    const ActKey key = {texts_.Of(GroupOf(span)), texts_.Of(LifeWord(span)),
                        span.object == 0 ? 0 : rows_.Object(process, span.object),
                        span.stack == 0 ? 0 : stacks_.OfId(process, span.stack)};
    const auto [it, is_new] = acts_.try_emplace(key, static_cast<Number>(act_words_.size()));
    if (!is_new) return it->second;
    act_groups_.push_back(std::get<0>(key));
    act_words_.push_back(std::get<1>(key));
    act_objects_.push_back(std::get<2>(key));
    act_stacks_.push_back(std::get<3>(key));
    return it->second;
  }

  Texts& texts_;
  Stacks& stacks_;
  Rows& rows_;
  uint64_t end_ns_ = 0, shortest_ns_ = 0, lives_left_out_ = 0, arrows_left_out_ = 0;
  absl::flat_hash_map<ActKey, Number> acts_;
  std::vector<Number> act_groups_, act_words_, act_objects_, act_stacks_;
  std::vector<Number> processes_, tasks_, labels_, ended_, span_counts_, span_acts_;
  std::vector<uint64_t> begins_, lengths_;
  std::vector<Number> arrow_from_, arrow_to_, arrow_word_;
  std::vector<uint64_t> arrow_time_, arrow_length_;
};

}  // namespace

uint64_t TimelineZero(const Model& model) {
  uint64_t zero_ns = std::numeric_limits<uint64_t>::max();
  for (const auto& process : model.processes) {
    if (process->timeline.has_value()) zero_ns = std::min(zero_ns, process->process.start_ns());
  }
  return zero_ns;
}

Json TimelineJson(const Model& model, Texts& texts, Stacks& stacks, Rows& rows) {
  const uint64_t zero_ns = TimelineZero(model);
  Columns columns(texts, stacks, rows);
  bool is_any = false;
  for (size_t i = 0; i < model.processes.size(); ++i) {
    const ProcessModel& process = *model.processes[i];
    if (!process.timeline.has_value()) continue;
    is_any = true;
    columns.Add(process, static_cast<Number>(i), process.process.start_ns() - zero_ns);
  }
  return is_any ? columns.ToJson() : Json(nullptr);
}

}  // namespace stray::analyzer
