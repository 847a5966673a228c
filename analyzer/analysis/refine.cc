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

// libc++ waits for atomics, and for all that it makes of them, with a limit of two seconds and then looks
// again, for ever. Its waits that do have a limit do not come here: they sleep between looks.
constexpr absl::string_view kPollsInFutex = "std::__libcpp_atomic_wait*";

// What the frames of a wait say beyond its call.
struct WaitMeaning {
  absl::string_view words;  // "": as the call says
  bool has_no_end = false;  // although the call had a limit
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
WaitMeaning MeaningOf(absl::string_view call, const std::vector<FrameView>& frames) {
  WaitMeaning meaning;
  const wire::Module* only = nullptr;
  for (const FrameView& frame : frames) {
    if (frame.role == FrameRole::kAgent) continue;
    if (only != nullptr && frame.module != only) break;
    const WaitFrame* entry = FindEntry(call, frame);
    if (entry != nullptr && !entry->words.empty()) meaning.words = entry->words;
    if (call == "futex" && HasName(frame) &&
        MatchesPattern(BareName(frame.location->function()), kPollsInFutex)) {
      meaning.has_no_end = true;
    }
    if (entry != nullptr || frame.role == FrameRole::kRuntime) continue;
    if (HasName(frame) || frame.module == nullptr) break;
    only = frame.module;
  }
  return meaning;
}

// Many tasks block at the same place: each stack is looked at once for each call.
class WaitNamer {
 public:
  explicit WaitNamer(const ProcessModel& process) : process_(process) {}

  const WaitMeaning& MeaningOf(const wire::TaskState& state) {
    return MeaningOf(state.stack() != 0 ? state.stack() : state.site().stack(), state.site().address(),
                     state.wait_reason());
  }

  // Of a wait in `call`; `address` counts where there is no such stack.
  const WaitMeaning& MeaningOf(uint32_t stack, uint64_t address, const std::string& call) {
    auto [it, inserted] = known_.try_emplace(std::make_tuple(stack, address, call));
    if (inserted) it->second = analyzer::MeaningOf(call, FramesOf(stack, address));
    return it->second;
  }

 private:
  std::vector<FrameView> FramesOf(uint32_t id, uint64_t address) const {
    const wire::Stack* stack = process_.FindStack(id);
    if (stack != nullptr) return ExpandFrames(process_, stack->addresses());
    if (address == 0) return {};
    return ExpandFrames(process_, absl::MakeConstSpan(&address, 1));
  }

  const ProcessModel& process_;
  absl::flat_hash_map<std::tuple<uint32_t, uint64_t, std::string>, WaitMeaning> known_;
};

}  // namespace

void RefineWaitReasons(ProcessModel& process) {
  WaitNamer namer(process);
  for (SnapshotModel& snapshot : process.snapshots) {
    for (wire::TaskState& state : snapshot.tasks) {
      if (state.state() != "blocked" || !state.call().empty()) continue;
      const WaitMeaning meaning = namer.MeaningOf(state);
      // Later it would find out by itself what it was not told; at the end there is no later.
      if (meaning.has_no_end && IsExitSnapshot(snapshot.info)) state.set_timed(false);
      absl::string_view words = meaning.words;
      if (words.empty() || words == state.wait_reason()) continue;
      state.set_call(state.wait_reason());
      state.set_wait_reason(words.data(), words.size());
    }
  }
  for (wire::ProfileSite& site : process.profile_sites) {
    if (site.profile() != "block" || site.wait_reason().empty()) continue;
    const absl::string_view words = namer.MeaningOf(site.stack(), 0, site.wait_reason()).words;
    if (!words.empty()) site.set_wait_reason(words.data(), words.size());
  }
}

}  // namespace stray::analyzer
