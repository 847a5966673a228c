// SPDX-License-Identifier: Apache-2.0
// signature.h: what stays the same about a finding from run to run and from build to build.
//
// Used by baselines and to tell two findings apart. Made of the finding's id, and, for each group of tasks,
// its wait reason and the functions that matter: the innermost user function of each stack. Lines, addresses,
// ids, counts, argument lists and clone suffixes stay out, and so do the functions in between, which
// inlining may add or remove.
#ifndef STRAY_ANALYZER_ANALYSIS_SIGNATURE_H_
#define STRAY_ANALYZER_ANALYSIS_SIGNATURE_H_

#include <string>

#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// The text a signature is made of: "deadlock.cycle; pthread_mutex_lock blocked=Cart::Flush created=main; ...".
// The order of groups does not matter.
std::string SignatureText(const Finding& finding);

// "deadlock.cycle-6f1c0e9a3b5d7f42": the id and a hash of SignatureText().
std::string Signature(const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_SIGNATURE_H_
