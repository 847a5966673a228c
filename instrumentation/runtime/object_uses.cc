// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/object_uses.h"

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/word_lock.h"

namespace stray::runtime {
namespace {

using runtime_abi::ObjectUse;
using runtime_abi::ObjectUses;
using runtime_abi::UseSide;

constexpr uint32_t kTracked = 2048;  // objects

struct Entry {
  WordLock lock;
  std::atomic<uint32_t> number{0};
  ObjectUses uses = {};
};

constexpr uint32_t kEnds = 4096;

struct End {
  std::atomic<uint64_t> task{0};
  std::atomic<int64_t> ns{0};
};

constinit Entry table[kTracked];
constinit End ends[kEnds];
constinit std::atomic<uint32_t> last_number{0};

uint32_t NewNumber() {
  const uint32_t number = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
  return number != 0 ? number : NewNumber();
}

}  // namespace

// Those that come back often keep their places. Stacks are walked only for the first few users.
[[gnu::noinline]] void AddUse(ObjectUses& uses, UseSide side, uint64_t task) {
  constexpr uint32_t kMostSites = 16;
  Self()->task->record.flags |= runtime_abi::kHasUsed;
  ObjectUse* of_side = uses.of[side];
  ObjectUse found = {task, 0, 0, Self()->task->record.name};
  uint32_t at = 0;
  while (at < runtime_abi::kUsersOfSide && of_side[at].task != task && of_side[at].task != 0) ++at;
  if (at == runtime_abi::kUsersOfSide) {
    uses.others += of_side[--at].count;
  } else if (of_side[at].task == task) {
    found = of_side[at];
  }
  if (found.count == 0 && uses.sites < kMostSites) {
    ++uses.sites;
    found.site =
        bridge::AgentLink::Services()->whole_site_of(__builtin_return_address(0), __builtin_frame_address(0));
  }
  for (; at > 0; --at) of_side[at] = of_side[at - 1];
  ++found.count;
  of_side[0] = found;
}

[[gnu::noinline]] void UsesTable::NoteSlow(std::atomic<uint32_t>& number, UseSide side) {
  const uint64_t task = detail::CurrentTaskId();
  uint32_t mine = number.load(std::memory_order_relaxed);
  if (mine != 0) {
    Entry& entry = table[mine % kTracked];
    WordGuard guard(entry.lock);
    if (entry.number.load(std::memory_order_relaxed) == mine) return AddUse(entry.uses, side, task);
  }
  // It is new, or as many others have come since. Of two tasks that find that at once, one is forgotten.
  mine = NewNumber();
  Entry& entry = table[mine % kTracked];
  WordGuard guard(entry.lock);
  entry.uses = {};
  AddUse(entry.uses, side, task);
  entry.number.store(mine, std::memory_order_release);
  number.store(mine, std::memory_order_relaxed);
}

bool UsesTable::Copy(uint32_t number, ObjectUses* out) {
  const Entry& entry = table[number % kTracked];
  if (number == 0 || entry.number.load(std::memory_order_acquire) != number) return false;
  *out = entry.uses;
  return entry.number.load(std::memory_order_acquire) == number;
}

// Numbers of tasks that end at about the same time lie close to each other, so each has a place of its own. Who
// reads the same task before and after the time has the time of that task.
void EndTimes::Note(uint64_t task) {
  End& end = ends[task % kEnds];
  end.task.store(0, std::memory_order_relaxed);
  end.ns.store(Now(), std::memory_order_release);
  end.task.store(task, std::memory_order_release);
}

int64_t EndTimes::Of(uint64_t task) {
  const End& end = ends[task % kEnds];
  if (task == 0 || end.task.load(std::memory_order_acquire) != task) return 0;
  const int64_t ns = end.ns.load(std::memory_order_acquire);
  return end.task.load(std::memory_order_relaxed) == task ? ns : 0;
}

}  // namespace stray::runtime
