// SPDX-License-Identifier: Apache-2.0
// tables.h: what tasks have in common, each kept once and called by its number: texts, frames, stacks, small
// lists.
//
// Number 0 of each table is "nothing". Numbers count up in the order in which things are first asked for, so
// the same model always gives the same page.
#ifndef STRAY_ANALYZER_PAGE_TABLES_H_
#define STRAY_ANALYZER_PAGE_TABLES_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/model/model.h"
#include "analyzer/report/source_lines.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {

using Json = nlohmann::ordered_json;
using Number = uint32_t;

class Texts {
 public:
  Texts() { Of(""); }

  // The number of `text`, made printable.
  Number Of(absl::string_view text);
  Json ToJson() const { return texts_; }

 private:
  absl::flat_hash_map<std::string, Number> numbers_;  // as they were given
  std::vector<std::string> texts_;
};

// Short lists of numbers: locks held, cases of a select, labels.
class Lists {
 public:
  Lists() { Of({}); }

  Number Of(std::vector<Number> list);
  Json ToJson() const { return lists_; }

 private:
  absl::flat_hash_map<std::vector<Number>, Number> numbers_;
  std::vector<std::vector<Number>> lists_;
};

class Stacks {
 public:
  // `texts` must outlive it, and so must the processes whose stacks are asked for. With `quotes` frames of user
  // code have their source line, where sources are there.
  Stacks(Texts& texts, bool quotes);

  Number OfAddresses(const ProcessModel& process, absl::Span<const uint64_t> addresses);
  // Of a stack of the dump; 0: there is no such stack.
  Number OfId(const ProcessModel& process, uint32_t id);
  // Of a place: the frame to show for it.
  Number FrameOf(const ProcessModel& process, const wire::Site& site);
  // Of a stack: the frame that says where it is.
  Number FrameOfStack(const ProcessModel& process, uint32_t id);

  Json FramesJson() const;
  Json StacksJson() const;

 private:
  struct Frame {
    Number function = 0, file = 0, module = 0, place = 0, source = 0;
    uint32_t line = 0;
    int role = 0;
    bool inlined = false;
  };
  struct Stack {
    std::vector<Number> frames;  // innermost first
    std::vector<Number> folds;   // first, count, first, count: runs that readers skip
    Number site = 0;             // the frame that says where it is
    Number code = 0;             // the same for the same user code, line by line
    Number functions = 0;        // the same for the same user functions
  };
  using FrameKey = std::tuple<const ProcessModel*, uint64_t, const wire::Location*, int>;

  Number OfFrame(const ProcessModel& process, const FrameView& view);
  Number OfStack(const ProcessModel& process, absl::Span<const uint64_t> addresses);
  Number SourceOf(const ProcessModel& process, const FrameView& view);
  static std::vector<Number> FoldsOf(const ProcessModel& process, absl::Span<const uint64_t> addresses,
                                     size_t frames);

  Texts& texts_;
  const bool quotes_;
  SourceLines sources_;
  std::vector<Frame> frames_;
  std::vector<Stack> stacks_;
  absl::flat_hash_map<FrameKey, Number> frame_by_key_;
  absl::flat_hash_map<std::tuple<Number, Number, Number, uint32_t, int, bool>, Number> frame_by_words_;
  absl::flat_hash_map<std::pair<const ProcessModel*, uint32_t>, Number> by_id_;
  absl::flat_hash_map<std::pair<const ProcessModel*, std::vector<uint64_t>>, Number> by_addresses_;
  absl::flat_hash_map<std::vector<Number>, Number> by_frames_;
  absl::flat_hash_map<std::string, Number> codes_, functions_;
};

// A column: one value for all rows where they are the same, else one for each.
template <typename T>
Json ColumnJson(const std::vector<T>& values) {
  for (const T& value : values) {
    if (!(value == values.front())) return values;
  }
  return values.empty() ? Json(0) : Json(values.front());
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_PAGE_TABLES_H_
