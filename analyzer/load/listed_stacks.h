// SPDX-License-Identifier: Apache-2.0
// listed_stacks.h: the stacks of a text that lists tasks, each kept once.
//
// Of a hundred thousand tasks a text says the same few stacks. What is looked up for each frame is its text, as
// it stands; only a frame that was not seen before is taken apart, and only a new row of frames becomes a
// stack.
#ifndef STRAY_ANALYZER_LOAD_LISTED_STACKS_H_
#define STRAY_ANALYZER_LOAD_LISTED_STACKS_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "analyzer/load/log_code.h"

namespace stray::analyzer {

class ListedStacks {
 public:
  // What the text of a frame means.
  using Parse = LogFrame (*)(absl::string_view function, absl::string_view place);

  // Stacks go to `code`, which must outlive this.
  explicit ListedStacks(LogCode& code) : code_(code) {}

  // A stack is what is added between Begin() and End(), innermost frame first.
  void Begin();
  void Add(absl::string_view function, absl::string_view place, Parse parse);
  void SetCut() { flags_ |= kCut; }          // deeper frames are missing
  void SetPartial() { flags_ |= kPartial; }  // frames in between are
  bool HasFrames() const { return row_.size() > 1; }
  // The innermost frame of the stack so far that has a name; "": none.
  absl::string_view FunctionAt(size_t frame) const;
  size_t size() const { return row_.size() - 1; }

  // The id of the stack; 0 if it has no frames.
  uint32_t End();

  // True if a stack was longer than is kept, of this file.
  bool has_cut() const { return has_cut_; }

 private:
  static constexpr uint32_t kCut = 1;
  static constexpr uint32_t kPartial = 2;
  static constexpr size_t kMaxFrames = 256;  // of a stack, as the agent keeps

  LogCode& code_;
  std::deque<std::string> texts_;  // what the keys below point into
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, uint32_t> known_frames_;
  std::vector<LogFrame> frames_;
  absl::flat_hash_map<std::vector<uint32_t>, uint32_t> known_stacks_;
  std::vector<uint32_t> row_ = {0};  // flags, then frames
  uint32_t flags_ = 0;
  bool has_cut_ = false;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LISTED_STACKS_H_
