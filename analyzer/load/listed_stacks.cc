// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/listed_stacks.h"

#include "absl/hash/hash.h"

namespace stray::analyzer {

void ListedStacks::Begin() {
  row_.assign(1, 0);
  flags_ = 0;
}

void ListedStacks::Add(absl::string_view function, absl::string_view place, Parse parse) {
  if (row_.size() > kMaxFrames) {
    flags_ |= kCut;
    has_cut_ = true;
    return;
  }
  const auto known = known_frames_.find(std::make_pair(function, place));
  if (known != known_frames_.end()) {
    row_.push_back(known->second);
    return;
  }
  const uint32_t number = static_cast<uint32_t>(frames_.size());
  frames_.push_back(parse(function, place));
  const absl::string_view kept_function = texts_.emplace_back(function);
  const absl::string_view kept_place = texts_.emplace_back(place);
  known_frames_.emplace(std::make_pair(kept_function, kept_place), number);
  row_.push_back(number);
}

absl::string_view ListedStacks::FunctionAt(size_t frame) const {
  return frame + 1 < row_.size() ? absl::string_view(frames_[row_[frame + 1]].function) : absl::string_view();
}

uint32_t ListedStacks::End() {
  if (!HasFrames()) return 0;
  row_[0] = flags_;
  const auto known = known_stacks_.find(row_);
  if (known != known_stacks_.end()) return known->second;
  LogStack stack;
  for (size_t i = 1; i < row_.size(); ++i) stack.frames.push_back(frames_[row_[i]]);
  stack.cut = (flags_ & kCut) != 0;
  stack.partial = (flags_ & kPartial) != 0;
  const uint32_t id = code_.AddStack(stack);
  known_stacks_.emplace(row_, id);
  return id;
}

}  // namespace stray::analyzer
