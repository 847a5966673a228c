// SPDX-License-Identifier: Apache-2.0
// go_stack.h: what stands below the header of a goroutine, line by line.
//
//   main.(*Cart).add(0xc00001a080, {0x1, 0x2})      a frame: function and arguments
//   	/src/cart.go:55 +0x8f                          and its place
//   ...23 frames elided...
//   created by main.main in goroutine 1             where it was started, and by whom
//   	/src/main.go:18 +0xe6
//   [originating from goroutine 1]:                 where its creator was when it did that, with
//   main.main()                                       GODEBUG=tracebackancestors
//   	/src/main.go:18 +0xe6
//
// Lines come without white space around them: a test framework may have put spaces before all of them, or made
// spaces of tabs. What a program prints at the same moment may stand between frames; it is passed over.
#ifndef STRAY_ANALYZER_LOAD_GO_STACK_H_
#define STRAY_ANALYZER_LOAD_GO_STACK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/load/listed_stacks.h"

namespace stray::analyzer {

// A goroutine without its header. Stacks are ids; 0: there is none.
struct GoStack {
  uint32_t stack = 0;
  uint32_t create_stack = 0;
  uint64_t parent = 0;                    // number of the goroutine that created it; 0: not told
  std::vector<uint32_t> ancestor_stacks;  // where the creator was created, and so on
  bool created_by_runtime = false;
  bool elsewhere = false;  // it runs on another thread, or in C: the runtime has no stack
  uint32_t broken = 0;     // frames that are not whole
};

class GoStackReader {
 public:
  explicit GoStackReader(ListedStacks& stacks) : stacks_(stacks) { Begin(); }

  void Begin();

  // Takes the next line, which must stay where it is until the one behind it has been taken. False if it is no
  // part of the stack, which has ended.
  bool Take(absl::string_view line);

  // True if nothing but ancestors can follow: the line that tells the creator is complete.
  bool IsComplete() const { return stage_ == Stage::kCreated; }
  // True if a frame has begun whose place is missing.
  bool IsInFrame() const { return !function_.empty(); }
  // True if nothing has been read so far.
  bool IsEmpty() const { return stage_ == Stage::kFrames && !stacks_.HasFrames() && !read_.elsewhere; }

  // The stack; `cut`: the text ends here.
  GoStack End(bool cut);

 private:
  enum class Stage { kFrames, kCreator, kCreated, kAncestor };

  bool TakeFunction(absl::string_view line);
  bool TakeSpecial(absl::string_view line);
  bool TakeBesidePlace(absl::string_view line);
  void TakePlace(absl::string_view line);
  void TakeCreator(absl::string_view text);
  void BeginAncestor();
  void EndFrames();

  ListedStacks& stacks_;
  GoStack read_;
  Stage stage_ = Stage::kFrames;
  absl::string_view function_;  // whose place comes next; part of the line before, or of kept_
  std::string kept_;
  uint32_t ancestors_ = 0;
  int foreign_ = 0;  // lines in a row that are no part of it
};

// Cuts "FILE:LINE +0xOFFSET" down to "FILE:LINE". False if it is no place.
bool ConsumeGoPlace(absl::string_view& line);

// The parts of a frame as Go writes them. Arguments are no part of `function`.
LogFrame ParseGoFrame(absl::string_view function, absl::string_view place);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_GO_STACK_H_
