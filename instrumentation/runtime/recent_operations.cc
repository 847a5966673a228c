// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/recent_operations.h"

#include <atomic>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/park.h"

namespace stray::runtime {
namespace {

constinit std::atomic<uint32_t> last_sequence{0};

// Stays with the record, from one goroutine to the next.
runtime_abi::RecentOperations& ListOf(Task* task) {
  if (task->record.recent == nullptr) task->record.recent = new runtime_abi::RecentOperations();
  runtime_abi::RecentOperations& list = *task->record.recent;
  const uint64_t id = task->record.id.load(std::memory_order_relaxed);
  if (list.task != id) {
    list.count = 0;
    list.task = id;
  }
  return list;
}

}  // namespace

[[gnu::noinline]] void RecentOperations::NoteSlow(Operation operation, const void* object, uint64_t site) {
  if (site == 0) {
    site = bridge::AgentLink::Services()->site_of(__builtin_return_address(0), __builtin_frame_address(0));
  }
  runtime_abi::RecentOperations& list = ListOf(CurrentTask());
  list.ring[list.count % runtime_abi::kRecentOperations] = {
      object, site, last_sequence.fetch_add(1, std::memory_order_relaxed), static_cast<uint8_t>(operation)};
  ++list.count;
}

}  // namespace stray::runtime
