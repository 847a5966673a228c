// SPDX-License-Identifier: Apache-2.0
// page_data.h: what the page shows, as JSON: schema "stray.page/1" (docs/PAGE.md, docs/page.schema.json).
//
//   model, findings --> PageData() --> the page in a browser (ui/web)
//
// All that is decided or worded is decided here or in analysis/ and report/, so that the page says what the
// text report says. What the page does by itself is to count, group, filter and draw.
//
// Invariants
//   - A hundred thousand tasks are a hundred thousand entries of a few columns; what they have in common
//   (texts,
//     frames, stacks, locks held, labels) stands once, in a table, and is referred to by its number.
//   - Number 0 of each table is "nothing"; tasks and objects are referred to by their row + 1.
//   - All text is made printable (report/page.h): what comes from the program cannot hide or reorder what is
//     shown.
#ifndef STRAY_ANALYZER_PAGE_PAGE_DATA_H_
#define STRAY_ANALYZER_PAGE_PAGE_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"
#include "analyzer/report/dump_diff.h"

namespace stray::analyzer {

struct PageOptions {
  std::vector<std::string> dumps;     // where all this can be read again: for commands to copy
  std::vector<std::string> notes;     // more to say above the findings
  bool source_lines = true;           // quote lines of sources that are there
  const DumpDiff* changes = nullptr;  // from earlier dumps to this one; null: there are none to compare
  uint64_t refresh_ms = 0;            // the page may ask for newer data after that time; 0: it is of a file
};

// Of an explained model. One line, without a newline.
std::string PageData(const Model& model, const std::vector<Finding>& findings, const PageOptions& options);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_PAGE_PAGE_DATA_H_
