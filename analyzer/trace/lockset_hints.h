// SPDX-License-Identifier: Apache-2.0
// lockset_hints.h: accesses of two tasks to one variable that only the order in which locks were taken keeps
// apart, though no lock protects both. A hint, no proof: which other order of the sections there is, and
// whether the tasks would do the same in it, nobody has looked.
//
// Lockset (lockset.h) says which variables no lock always protects. Of those, two accesses, at least one a
// write, are a pair if nothing else orders them: no fork or join, no sync, and not what is read on the way
// (TraceIndex::NeedOf()). So what is handed over by a flag, a queue or a counter under the lock is none. One of
// the two is made with a lock held, or some other access to the variable is: else locks are not its way.
#ifndef STRAY_ANALYZER_TRACE_LOCKSET_HINTS_H_
#define STRAY_ANALYZER_TRACE_LOCKSET_HINTS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

struct HintOptions {
  size_t most = 64;        // pairs
  size_t most_alike = 16;  // accesses of one variable that are kept to be compared with later ones
};

// One pair for each two places in the program, in the order of the second access. `is_known`: of that variable
// more is known than a hint.
std::vector<AccessPair> FindLocksetHints(const TraceIndex& index,
                                         absl::FunctionRef<bool(uint32_t variable)> is_known,
                                         const HintOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_LOCKSET_HINTS_H_
