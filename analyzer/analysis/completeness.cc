// SPDX-License-Identifier: Apache-2.0
// completeness.cc: what was lost, damaged or out of sight. Part of analyze.h.
#include <algorithm>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/analyze.h"

namespace stray::analyzer {
namespace {

struct LossEntry {
  absl::string_view word;
  bool incomplete;
};

constexpr bool kIncomplete = true;
constexpr bool kNote = false;

constexpr LossEntry kLosses[] = {
#define STRAY_LOSS(enumerator, word, sentence, severity) {word, severity},
#include "agent/wire/losses.inc"
#undef STRAY_LOSS
};

// A loss that this version does not know may be one of findings.
bool MayHideFindings(const wire::LossCount& loss) {
  if (loss.count() == 0) return false;
  for (const LossEntry& entry : kLosses) {
    if (entry.word == loss.word()) return entry.incomplete;
  }
  return true;
}

bool MayHideFindings(const ProcessModel& process, const wire::Gap& gap) {
  if (gap.kind() == "libc_thread") return false;
  return gap.kind() != "raw_thread" || RawThreads(process) > 0;
}

bool IsIncomplete(const ProcessModel& process) {
  return std::any_of(process.losses.begin(), process.losses.end(),
                     [](const wire::LossCount& loss) { return MayHideFindings(loss); }) ||
         std::any_of(process.gaps.begin(), process.gaps.end(),
                     [&](const wire::Gap& gap) { return MayHideFindings(process, gap); }) ||
         std::any_of(process.notes.begin(), process.notes.end(),
                     [](const wire::Note& note) { return note.incomplete(); });
}

}  // namespace

uint64_t RawThreads(const ProcessModel& process) {
  const auto number_of = [&](absl::string_view kind) {
    uint64_t number = 0;
    for (const wire::Gap& gap : process.gaps) {
      if (gap.kind() == kind) number += gap.number();
    }
    return number;
  };
  // A sanitizer makes one thread without libc; it never runs code of the program.
  const uint64_t harmless = number_of("libc_thread") + (process.process.sanitizer() ? 1 : 0);
  const uint64_t all = number_of("raw_thread");
  return all > harmless ? all - harmless : 0;
}

bool IsIncomplete(const Model& model) {
  if (model.processes.empty() || !model.damage.empty()) return true;
  return std::any_of(model.processes.begin(), model.processes.end(),
                     [](const auto& process) { return IsIncomplete(*process); });
}

}  // namespace stray::analyzer
