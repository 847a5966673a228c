// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/html_report.h"

#include "analyzer/page/page_data.h"
#include "ui/web/page_file.h"

namespace stray::analyzer {

std::string HtmlReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options,
                       const DumpDiff* changes) {
  PageOptions page;
  page.dumps = options.dump_paths.empty() ? options.read_paths : options.dump_paths;
  page.notes = options.notes;
  page.source_lines = options.source_lines;
  page.changes = changes;
  return ui::PageFile(PageData(model, findings, page));
}

}  // namespace stray::analyzer
