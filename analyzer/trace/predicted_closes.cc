// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/predicted_closes.h"

namespace stray::analyzer {

std::vector<AccessPair> PredictCloses(const TraceIndex& index, PairsWanted wanted) {
  const Trace& trace = index.trace();
  std::vector<bool> is_closed(trace.channels.size(), false);
  for (const TraceEvent& event : trace.events) {
    if (event.op == TraceOp::kClose) is_closed[event.operand] = true;
  }
  return FindSideBySide(
      index,
      [&](const TraceEvent& event) {
        const bool sends = event.op == TraceOp::kSend || event.op == TraceOp::kTrySend;
        return (sends || event.op == TraceOp::kClose) && is_closed[event.operand];
      },
      [](TraceOp a, TraceOp b) { return a == TraceOp::kClose || b == TraceOp::kClose; }, wanted);
}

}  // namespace stray::analyzer
