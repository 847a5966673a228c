// SPDX-License-Identifier: Apache-2.0
// html_report.h: a report as a page to look around in: one file, which needs no network.
#ifndef STRAY_ANALYZER_CLI_HTML_REPORT_H_
#define STRAY_ANALYZER_CLI_HTML_REPORT_H_

#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"
#include "analyzer/report/dump_diff.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// `changes`: from earlier dumps to this one; null: nothing is compared.
std::string HtmlReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options,
                       const DumpDiff* changes = nullptr);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_HTML_REPORT_H_
