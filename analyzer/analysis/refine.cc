// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/refine.h"

#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {
namespace {

struct WaitFrame {
  absl::string_view call;
  absl::string_view module;
  absl::string_view function;
  absl::string_view words;
};

constexpr WaitFrame kWaitFrames[] = {
#define STRAY_WAIT_FRAME(call, module, function, words) {call, module, function, words},
#include "analyzer/analysis/wait_frames.inc"
#undef STRAY_WAIT_FRAME
};

bool HasName(const FrameView& frame) {
  return frame.location != nullptr && !frame.location->function().empty();
}

// The entry for a wait in `call` with `frame` on the stack, null if there is none.
const WaitFrame* FindEntry(absl::string_view call, const FrameView& frame) {
  std::string bare = HasName(frame) ? BareName(frame.location->function()) : "";
  std::string key = HasName(frame) ? FunctionKey(frame.location->function()) : "";
  absl::string_view module = ModuleName(frame.module);
  for (const WaitFrame& entry : kWaitFrames) {
    if (entry.function.empty() != bare.empty()) continue;
    bool with_arguments = entry.function.find('<') != absl::string_view::npos;
    if (MatchesPattern(with_arguments ? key : bare, entry.function) && MatchesPattern(call, entry.call) &&
        MatchesPattern(module, entry.module)) {
      return &entry;
    }
  }
  return nullptr;
}

// Walks outwards as far as frames belong to the wait. A frame without a name is passed, but beyond it only
// its own module is believed: what an unknown function calls is not known.
absl::string_view WordsFor(absl::string_view call, const std::vector<FrameView>& frames) {
  absl::string_view words;
  const wire::Module* only = nullptr;
  for (const FrameView& frame : frames) {
    if (frame.role == FrameRole::kAgent) continue;
    if (only != nullptr && frame.module != only) break;
    const WaitFrame* entry = FindEntry(call, frame);
    if (entry != nullptr && !entry->words.empty()) words = entry->words;
    if (entry != nullptr || frame.role == FrameRole::kRuntime) continue;
    if (HasName(frame) || frame.module == nullptr) break;
    only = frame.module;
  }
  return words;
}

// Many tasks block at the same place: each stack is looked at once for each call.
class WaitNamer {
 public:
  explicit WaitNamer(const ProcessModel& process) : process_(process) {}

  absl::string_view WordsOf(const wire::TaskState& state) {
    auto [it, inserted] =
        known_.try_emplace(std::make_tuple(state.stack(), state.site().address(), state.wait_reason()));
    if (inserted) it->second = WordsFor(state.wait_reason(), FramesOf(state));
    return it->second;
  }

 private:
  std::vector<FrameView> FramesOf(const wire::TaskState& state) const {
    uint32_t id = state.stack() != 0 ? state.stack() : state.site().stack();
    const wire::Stack* stack = process_.FindStack(id);
    if (stack != nullptr) return ExpandFrames(process_, stack->addresses());
    uint64_t address = state.site().address();
    if (address == 0) return {};
    return ExpandFrames(process_, absl::MakeConstSpan(&address, 1));
  }

  const ProcessModel& process_;
  absl::flat_hash_map<std::tuple<uint32_t, uint64_t, std::string>, absl::string_view> known_;
};

}  // namespace

void RefineWaitReasons(ProcessModel& process) {
  WaitNamer namer(process);
  for (SnapshotModel& snapshot : process.snapshots) {
    for (wire::TaskState& state : snapshot.tasks) {
      if (state.state() != "blocked" || !state.call().empty()) continue;
      absl::string_view words = namer.WordsOf(state);
      if (words.empty() || words == state.wait_reason()) continue;
      state.set_call(state.wait_reason());
      state.set_wait_reason(words.data(), words.size());
    }
  }
}

}  // namespace stray::analyzer
