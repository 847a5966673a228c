// SPDX-License-Identifier: Apache-2.0
// rapid_trace.h: traces in the words that RAPID knows: for comparisons with its engines.
//
// Happens-before is exactly the same, and so is what is predicted, but for what tasks depend on without
// happens-before:
//   sig, await       for each await, and each task that has signalled since it last did there, a lock and a
//                    variable of their own: acq w rel after the signal, acq r rel at the await. The section
//                    makes them ordered, what is read makes other orders keep that, and nobody else comes by.
//   racq, rrel       a lock for each pair of lock and task that reads: who writes takes those of all tasks.
//   tryacq           acq
//   provide, depend  nothing: what RAPID has for order without happens-before, reads, would be races
//   what is done to channels and wait groups: nothing, since it orders nothing
#ifndef STRAY_ANALYZER_TRACE_RAPID_TRACE_H_
#define STRAY_ANALYZER_TRACE_RAPID_TRACE_H_

#include "analyzer/trace/event.h"

namespace stray::analyzer {

// `trace` must be one that TraceIndex::Make() accepts. Its accesses keep their order, their variables' numbers
// and their places; those to variables with higher numbers are new, and no races.
Trace ForRapid(const Trace& trace);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_RAPID_TRACE_H_
