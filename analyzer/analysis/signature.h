// SPDX-License-Identifier: Apache-2.0
// signature.h: what stays the same about a finding from run to run and from build to build.
//
// Used by baselines and to tell two findings apart. Made of the finding's id and kind, and, for each group of
// tasks, its wait reason and, of each stack, the innermost of its stable functions: three of where something
// happened, two of where a task was created, so that two users of one queue are two findings. Of a race also
// what lies there.
//
//   stays the same      lines that move, another optimization (inlined functions are told by debug
//                       information), ids, addresses, counts, arguments, clones, a recursion that became a loop
//   makes it another    a function that is renamed or moved, another caller near the place, another wait
//
// A function whose last act is a call may have no frame in an optimized build (a tail call): main and the
// lambda that a thread runs are left out for that; others are not. A build without debug information has no
// frame of what was inlined. A baseline is for one kind of build.
#ifndef STRAY_ANALYZER_ANALYSIS_SIGNATURE_H_
#define STRAY_ANALYZER_ANALYSIS_SIGNATURE_H_

#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// The user functions of a stack, innermost first, by FunctionKey(): each once in a row, and without main or
// lambdas at the outer end, unless there is nothing else.
std::vector<std::string> StableFunctions(const ProcessModel& process, const EvidenceStack& stack);

// The places of a finding, each once and in an order of their own, without lines:
// "pthread_mutex_lock, blocked at Ledger::Append < Cart::Flush, created at main".
std::vector<std::string> SignatureSites(const Finding& finding);

// The text a signature is made of: id, kind and places.
std::string SignatureText(const Finding& finding);

// "deadlock.cycle-6f1c0e9a3b5d7f42": the id and a hash of SignatureText().
std::string Signature(const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_SIGNATURE_H_
