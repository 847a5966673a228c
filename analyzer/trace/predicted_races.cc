// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/predicted_races.h"

#include <cstdint>

namespace stray::analyzer {
namespace {

// That several tasks access, at least one to write.
std::vector<bool> SharedVariables(const Trace& trace) {
  constexpr uint32_t kNone = UINT32_MAX, kSeveral = UINT32_MAX - 1;
  const size_t count = trace.variables.size();
  std::vector<uint32_t> users(count, kNone);
  std::vector<bool> is_shared(count, false);
  for (const TraceEvent& event : trace.events) {
    if (!IsAccess(event.op)) continue;
    uint32_t& user = users[event.operand];
    user = user == kNone || user == event.task ? event.task : kSeveral;
    if (event.op == TraceOp::kWrite) is_shared[event.operand] = true;
  }
  for (size_t i = 0; i < count; ++i) is_shared[i] = is_shared[i] && users[i] == kSeveral;
  return is_shared;
}

}  // namespace

std::vector<AccessPair> PredictRaces(const TraceIndex& index, RacesWanted wanted) {
  const std::vector<bool> is_shared = SharedVariables(index.trace());
  return FindSideBySide(
      index, [&](const TraceEvent& event) { return IsAccess(event.op) && is_shared[event.operand]; },
      [](TraceOp a, TraceOp b) { return a == TraceOp::kWrite || b == TraceOp::kWrite; }, wanted);
}

}  // namespace stray::analyzer
