// SPDX-License-Identifier: Apache-2.0
// proof.h: the evidence for one finding, step by step, as a reader can check it.
//
// Of a wait: who could end it, and for each of those why it cannot. One that is blocked itself gets a step of
// its own, once, however many wait for it. Of what lies in the past (lock orders, races, misuse): what each
// task did, and what does or does not keep them apart.
//
// The facts are those of the dump and of the Diagnosis that the finding was made from; nothing is decided here.
#ifndef STRAY_ANALYZER_ANALYSIS_PROOF_H_
#define STRAY_ANALYZER_ANALYSIS_PROOF_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/diagram.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

struct ProofLine {
  std::string text;  // one or two sentences
  size_t step = 0;   // the step that goes on from here, counted from 1; 0: nothing is left to say
};

struct ProofStep {
  uint32_t task = 0;  // 0: it is not about one task
  std::string claim;  // a sentence
  std::vector<ProofLine> lines;

  void Say(std::string text, size_t step = 0) { lines.push_back({std::move(text), step}); }
};

struct Proof {
  std::vector<ProofStep> steps;
  std::string conclusion;
  Diagram diagram;
};

// `finding` came out of Analyze() with these options.
Proof Prove(const Finding& finding, const AnalysisOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_PROOF_H_
