// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/fiber_limit.h"

#include <stdio.h>
#include <string.h>

#include <atomic>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {
namespace {

constexpr uint32_t kOldLimit = 8128;
constexpr uint32_t kOldWarning = 8000;
constexpr uint64_t kMappingsOfTwenty = 34;  // of twenty fibers

constinit std::atomic<uint32_t> live{0};
constinit std::atomic<uint32_t> warns_from{0};  // 0: not computed yet
constinit std::atomic<bool> was_said{false};

FiberLimit::Warning TheWarning() {
  FiberLimit::Warning warning;
  FiberLimit::Fill(tsan::IsOldTsan(), MostMappings(), &warning);
  return warning;
}

}  // namespace

// No static variable that is initialized here: the guard of one would be an edge of happens-before.
void FiberLimit::NoteMade() {
  if (tsan::IsRecorder()) return;
  const uint32_t count = live.fetch_add(1, std::memory_order_relaxed) + 1;
  uint32_t from = warns_from.load(std::memory_order_relaxed);
  if (from == 0) warns_from.store(from = TheWarning().from, std::memory_order_relaxed);
  if (count < from || was_said.exchange(true, std::memory_order_relaxed)) return;
  const Warning warning = TheWarning();
  WriteError(warning.text, strlen(warning.text));
}

void FiberLimit::NoteGone() { live.fetch_sub(1, std::memory_order_relaxed); }

void FiberLimit::Fill(bool is_old_tsan, uint64_t most_mappings, Warning* warning) {
  if (is_old_tsan) {
    warning->from = kOldWarning;
    snprintf(warning->text, sizeof(warning->text),
             "stray: %u goroutines are alive. This ThreadSanitizer follows no more than %u threads and "
             "goroutines at "
             "once, and ends the program when there is one more. Newer ones (clang 14 and up) follow more.\n",
             kOldWarning, kOldLimit);
    return;
  }
  const uint64_t limit = most_mappings * 20 / kMappingsOfTwenty;
  warning->from = static_cast<uint32_t>(limit * 3 / 4);
  snprintf(
      warning->text, sizeof(warning->text),
      "stray: %u goroutines are alive. Under ThreadSanitizer each takes nearly two mappings of the %lu that "
      "the "
      "kernel allows (vm.max_map_count), so the program will die at some %lu. `sysctl -w vm.max_map_count=N` "
      "allows more.\n",
      warning->from, static_cast<unsigned long>(most_mappings), static_cast<unsigned long>(limit));
}

}  // namespace stray::runtime
