// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/lock_edges.h"

#include <algorithm>

namespace stray::analyzer {
namespace {

constexpr uint32_t kEndOfTime = UINT32_MAX;

std::vector<LifeSpan> SpansOf(const wire::LockChain& chain) {
  std::vector<LifeSpan> spans;
  for (const wire::Sighting& sighting : chain.sightings()) {
    spans.push_back({sighting.task(), sighting.first_life(),
                     std::max(sighting.first_life(), sighting.last_life()),
                     sighting.has_clock() ? &sighting : nullptr});
  }
  return spans;
}

std::vector<LockUse> GatesOf(const wire::LockChain& chain) {
  std::vector<LockUse> gates;
  for (int i = 0; i + 1 < chain.entries_size(); ++i) {
    gates.push_back({chain.entries(i).object(), chain.entries(i).read()});
  }
  std::sort(gates.begin(), gates.end(), [](const LockUse& a, const LockUse& b) { return a.object < b.object; });
  return gates;
}

const wire::Held& Wanted(const wire::LockChain& chain) { return chain.entries(chain.entries_size() - 1); }

// Entry of the wanted lock among those held, or -1.
int HeldAlready(const wire::LockChain& chain) {
  for (int i = 0; i + 1 < chain.entries_size(); ++i) {
    if (chain.entries(i).object() == Wanted(chain).object()) return i;
  }
  return -1;
}

bool MayBlock(const wire::LockChain& chain) { return chain.entries_size() >= 2 && !Wanted(chain).tried(); }

void AddWritersFromChains(const ProcessModel& process, uint32_t object, std::vector<Writer>& writers) {
  for (const wire::LockChain& chain : process.lock_chains) {
    for (const wire::Held& entry : chain.entries()) {
      if (entry.object() != object || entry.read() || entry.tried()) continue;
      for (const LifeSpan& span : SpansOf(chain)) writers.push_back({span, entry.site()});
    }
  }
}

void AddWritersFromSnapshots(const ProcessModel& process, uint32_t object, std::vector<Writer>& writers) {
  for (const SnapshotModel& snapshot : process.snapshots) {
    for (const wire::TaskState& state : snapshot.tasks) {
      const LifeSpan any_time = {state.task(), 0, kEndOfTime};
      const bool waits_to_write =
          state.wait_reason() == "pthread_rwlock_wrlock" || state.wait_reason() == "sync.RWMutex.Lock";
      if (state.object() == object && waits_to_write) {
        writers.push_back({any_time, state.site()});
      }
      for (const wire::Held& held : state.held()) {
        if (held.object() == object && !held.read() && !held.tried())
          writers.push_back({any_time, held.site()});
      }
    }
  }
}

// The epoch that begins with `event`, or 0 if it begins none.
uint32_t EpochAfter(const ProcessModel& process, const wire::Event& event) {
  const bool is_create = event.kind() == "create";
  if (!is_create && event.kind() != "join") return 0;
  const wire::Task* other = process.FindTask(event.task());
  if (other == nullptr) return 0;
  return is_create ? other->create_life() : other->join_life();
}

// A ring tells the epoch of an event by the creations and joins around it.
void AddWritersFromEvents(const ProcessModel& process, uint32_t object, std::vector<Writer>& writers) {
  for (const wire::Task& task : process.tasks) {
    uint32_t epoch = 0;
    size_t open = writers.size();  // first writer whose epoch has no known end yet
    for (const wire::Event& event : task.events()) {
      const uint32_t next_epoch = EpochAfter(process, event);
      if (next_epoch != 0) {
        for (; open < writers.size(); ++open) {
          writers[open].span.last = epoch != 0 ? epoch : next_epoch - 1;
        }
        epoch = next_epoch;
      }
      if (event.object() == object && event.kind() == "wrlock") {
        writers.push_back({{task.id(), epoch, epoch != 0 ? epoch : kEndOfTime}, event.site()});
      }
    }
  }
}

}  // namespace

std::vector<LockEdge> LockEdges(const ProcessModel& process) {
  std::vector<LockEdge> edges;
  for (const wire::LockChain& chain : process.lock_chains) {
    if (!MayBlock(chain) || HeldAlready(chain) >= 0) continue;
    const std::vector<LifeSpan> tasks = SpansOf(chain);
    if (tasks.empty()) continue;
    const std::vector<LockUse> gates = GatesOf(chain);
    for (int held = 0; held + 1 < chain.entries_size(); ++held) {
      const wire::Held& from = chain.entries(held);
      edges.push_back({from.object(), Wanted(chain).object(), from.read(), Wanted(chain).read(), gates, tasks,
                       &chain, held});
    }
  }
  return edges;
}

std::vector<Reread> Rereads(const ProcessModel& process) {
  std::vector<Reread> rereads;
  for (const wire::LockChain& chain : process.lock_chains) {
    if (!MayBlock(chain) || !Wanted(chain).read()) continue;
    const int held = HeldAlready(chain);
    if (held < 0 || !chain.entries(held).read()) continue;
    rereads.push_back({Wanted(chain).object(), &chain, held, SpansOf(chain)});
  }
  return rereads;
}

std::vector<Writer> WritersOf(const ProcessModel& process, uint32_t object) {
  std::vector<Writer> writers;
  AddWritersFromChains(process, object, writers);
  AddWritersFromSnapshots(process, object, writers);
  AddWritersFromEvents(process, object, writers);
  return writers;
}

bool Exclude(const std::vector<LockUse>& a, const std::vector<LockUse>& b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].object < b[j].object) {
      ++i;
    } else if (a[i].object > b[j].object) {
      ++j;
    } else if (!a[i].read || !b[j].read) {
      return true;
    } else {
      // Both only read it here; a second use of the same lock can only be another read.
      ++i;
      ++j;
    }
  }
  return false;
}

}  // namespace stray::analyzer
