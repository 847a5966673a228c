// SPDX-License-Identifier: Apache-2.0
// proof_report.h: the proof of one finding, for people and for programs.
#ifndef STRAY_ANALYZER_REPORT_PROOF_REPORT_H_
#define STRAY_ANALYZER_REPORT_PROOF_REPORT_H_

#include <cstddef>
#include <string>

#include "analyzer/analysis/proof.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// A finding, and where it stands in the report.
struct NumberedFinding {
  const Finding* finding = nullptr;
  size_t number = 0;  // 0: a suppressed one, which the report does not show
  size_t of = 0;      // how many the report has
};

// Steps as numbered paragraphs, then what follows from them. Ends with a newline.
std::string ProofText(const NumberedFinding& finding, const Proof& proof, const ReportOptions& options);

// Schema "stray.explain/1" (docs/explain.schema.json). Ends with a newline.
std::string ProofJson(const NumberedFinding& finding, const Proof& proof);

// The diagram in graphviz's language. Ends with a newline.
std::string ProofDot(const NumberedFinding& finding, const Proof& proof);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_PROOF_REPORT_H_
