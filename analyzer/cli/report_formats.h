// SPDX-License-Identifier: Apache-2.0
// report_formats.h: the words of --format, and what is special about each of them.
#ifndef STRAY_ANALYZER_CLI_REPORT_FORMATS_H_
#define STRAY_ANALYZER_CLI_REPORT_FORMATS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct ReportFormat {
  absl::string_view word;
  absl::string_view meaning;  // for --help
  bool binary = false;
  bool lists_tasks = false;    // and not findings: without a snapshot there is nothing to list
  bool takes_profile = false;  // --profile
  bool one_document = false;   // a second one behind it would spoil the file
  bool page = false;           // text, but for a browser and not to be read as it is
  bool shows_time = false;     // what tasks did when, where there is a trace
  bool needs_trace = false;    // and nothing else
};

// The one of that name. Every word that --format accepts has one.
const ReportFormat& FormatOf(absl::string_view word);

// The words of --format of `stray report`, the default first.
std::vector<std::string> ReportFormatWords();

// One line for each, for --help.
std::string ReportFormatsText();

// kFailedPrecondition, with what to do: `model` has nothing for the format: no snapshot that would say what
// tasks were doing, or no trace.
absl::Status CheckHasDataFor(const Model& model, absl::string_view format);

// kInvalidArgument: the format shows traces, and there will be none.
absl::Status CheckNeedsNoTrace(absl::string_view format);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_REPORT_FORMATS_H_
