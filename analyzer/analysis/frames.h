// SPDX-License-Identifier: Apache-2.0
// frames.h: whose code a frame is, which frame to show, and what to call it.
//
// A stack is a row of addresses; an address has one location, or several where code was inlined. What a
// reader wants to see is their own code, so every location has a role:
//
//   kAgent     the agent, or a function of it
//   kRuntime   what stands between user code and the kernel: libc, ld.so, the C++ library's own parts,
//              sanitizer interceptors, the trampolines that start a thread
//   kUser      everything else, whichever library it lives in; also a lambda, functor or callback that the
//              C++ library calls, and main
//
// All functions are pure. A FrameView points into its ProcessModel (indexed, see ProcessModel::Index) and
// is valid as long as that is not changed. Addresses stand as they do in Stack.addresses: innermost first.
#ifndef STRAY_ANALYZER_ANALYSIS_FRAMES_H_
#define STRAY_ANALYZER_ANALYSIS_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

enum class FrameRole { kUser, kRuntime, kAgent };

// One line of a stack as a reader knows it: a function, inlined or not.
struct FrameView {
  uint64_t address = 0;
  uint64_t offset = 0;                       // in the file of `module`
  bool made_up = false;                      // of a text log: `address` only tells frames apart
  const wire::Module* module = nullptr;      // null: the address lies in no module
  const wire::Location* location = nullptr;  // null: nothing is known but the address
  bool inlined = false;                      // the code of `location` was inlined into the next view
  FrameRole role = FrameRole::kUser;
};

// One entry of a stack for display: a frame, or a run of frames of the agent and the runtime as one entry.
struct FoldedFrame {
  enum class Place {
    kShown,   // not folded: `frame` is user code
    kInside,  // innermost run: how user code came to block; `frame` is what user code called
    kMiddle,  // run between user code; `frame` is what the inner user code was called by
    kBase,    // outermost run: how the thread or main was started; `frame` is what called user code
  };
  FrameView frame;
  Place place = Place::kShown;
  size_t folded = 0;  // frames this entry stands for; 0: not folded
};

// The role of one location. `module` may be null; so may what is not known in `location` be empty.
FrameRole Classify(const wire::Location& location, const wire::Module* module);

// The module that holds `address`, or null.
const wire::Module* ModuleAt(const ProcessModel& process, uint64_t address);

// All frames, inlined ones expanded, innermost first. An address without a Frame record yields one view
// with a null location.
std::vector<FrameView> ExpandFrames(const ProcessModel& process, absl::Span<const uint64_t> addresses);

// The innermost user frame. Where there is none (tail calls, threads of the library itself), the outermost
// named frame above the start of the thread: what user code called. Else the innermost frame outside the
// agent. nullopt: no frame but the agent's, or no address.
std::optional<FrameView> TopUserFrame(const ProcessModel& process, absl::Span<const uint64_t> addresses);

// The same for a place: its stack if it has one, else its address.
std::optional<FrameView> TopUserFrame(const ProcessModel& process, const wire::Site& site);

// The frames for display. Every user frame is shown; runs of others are folded into one entry each. In a
// stack without user frames, what TopUserFrame finds is shown instead; if nothing there has a name, all
// frames but the agent's are.
std::vector<FoldedFrame> FoldedFrames(const ProcessModel& process, absl::Span<const uint64_t> addresses);

// A demangled function name for people: no return type, arguments, ABI tags, clone suffixes, default template
// arguments, anonymous or inline namespaces; template arguments too long to read become "<...>". "main",
// "Cart::Flush", "std::vector<int>::push_back", "Worker::Run::{lambda#1}". Names that are not C++ come back
// as they are.
std::string DisplayName(absl::string_view function);

// The same for a frame. A wrapper of the C++ library into which a lambda was inlined (no debug information)
// is named as the lambda, here and in FunctionKey. "libfoo.so+0x1234" where no function is known, "0x7f..." or
// "??" where nothing is.
std::string DisplayName(const FrameView& frame);

// A name that stays the same from build to build, for signatures: function without arguments, template
// arguments kept, clone suffixes (.part.0, .constprop.0, .isra.0, .cold, .llvm.123) and lambda numbers
// dropped.
std::string FunctionKey(absl::string_view function);

// The same for a frame; without a function, as DisplayName.
std::string FunctionKey(const FrameView& frame);

// The qualified name alone, as patterns are written: no template arguments, lambda numbers or anonymous
// namespaces either. "std::future::get", "main::{lambda}".
std::string BareName(absl::string_view function);

// True if `name` is `pattern`, in which "*" stands for any text. No other character is special.
bool MatchesPattern(absl::string_view name, absl::string_view pattern);

// Last part of the module's path; "" for null.
absl::string_view ModuleName(const wire::Module* module);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_FRAMES_H_
