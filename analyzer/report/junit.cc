// SPDX-License-Identifier: Apache-2.0
// junit.cc: findings as failed test cases, for everything that reads what test runners write.
//
//   testsuite  a process
//   testcase   a finding; where tasks of tests are part of it, one for each test, with its names
//              ("CartTest.Flush"), so that it stands beside the test's own result. Else the program's name and
//              the finding's title.
//     failure    what makes the run fail
//     skipped    what a rule suppresses, or --fail-on leaves out, and why
//     error      missing data: nobody knows whether there is something
//
// No time is given: a finding takes none.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/finding_place.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/report.h"
#include "analyzer/report/xml_text.h"

namespace stray::analyzer {
namespace {

struct Suite {
  std::string name;
  std::string cases;
  size_t tests = 0;
  size_t failures = 0;
  size_t errors = 0;
  size_t skipped = 0;
};

// "CartTest.Flush" and its like: what stands before the last dot is the class.
std::pair<std::string, std::string> ClassAndName(const std::string& test, const std::string& program) {
  const size_t dot = test.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == test.size()) return {program, test};
  return {test.substr(0, dot), test.substr(dot + 1)};
}

std::string CaseHead(absl::string_view class_name, absl::string_view name,
                     const std::optional<SourcePlace>& source) {
  std::string text = absl::StrCat("    <testcase classname=\"", XmlAttribute(class_name), "\" name=\"",
                                  XmlAttribute(name), "\" time=\"0\"");
  if (source.has_value())
    absl::StrAppend(&text, " file=\"", XmlAttribute(source->file), "\" line=\"", source->line, "\"");
  return text;
}

void AddCase(Suite& suite, absl::string_view head, absl::string_view element, absl::string_view message,
             absl::string_view type, absl::string_view text) {
  ++suite.tests;
  absl::StrAppend(&suite.cases, head, ">\n      <", element, " message=\"", XmlAttribute(message), "\"");
  if (!type.empty()) absl::StrAppend(&suite.cases, " type=\"", XmlAttribute(type), "\"");
  absl::StrAppend(&suite.cases, ">", XmlText(text), "</", element, ">\n    </testcase>\n");
}

// `options` as the text inside a document needs them.
ReportOptions PlainText(const ReportOptions& options) {
  ReportOptions plain = options;
  plain.color = false;
  return plain;
}

// `test` may be empty.
void AddFinding(Suite& suite, const std::string& program, const std::string& test, const Finding& finding,
                const ReportOptions& options) {
  const auto [class_name, name] = test.empty()
                                      ? std::make_pair(program, absl::StrCat(finding.id, ": ", finding.title))
                                      : ClassAndName(test, program);
  const std::string head = CaseHead(class_name, name, SourceOf(PlaceOf(finding)));
  if (finding.suppressed) {
    ++suite.skipped;
    AddCase(suite, head, "skipped", absl::StrCat(finding.id, " is suppressed by ", finding.suppressed_by), "",
            "");
  } else if (options.fails != nullptr && !options.fails(finding)) {
    ++suite.skipped;
    AddCase(suite, head, "skipped",
            absl::StrCat(finding.id, " (", ConfidenceText(finding.confidence),
                         ") does not fail the run: ", finding.title),
            "", FindingReport(finding, PlainText(options)));
  } else {
    ++suite.failures;
    AddCase(
        suite, head, "failure", absl::StrCat(finding.id, ": ", finding.title), finding.id,
        absl::StrCat("\n", FindingReport(finding, PlainText(options)), "signature: ", finding.signature, "\n"));
  }
}

// A case for each test whose tasks are part of it.
void AddFindings(Suite& suite, const std::string& program, const Finding& finding,
                 const ReportOptions& options) {
  std::vector<std::string> tests = TestsOf(finding);
  if (tests.empty()) tests.emplace_back();
  for (const std::string& test : tests) AddFinding(suite, program, test, finding, options);
}

Suite SuiteOf(const ProcessModel& process, const std::vector<Finding>& findings, const ReportOptions& options) {
  Suite suite{.name = ProcessName(process), .cases = ""};
  const std::string program = ProgramName(process);
  for (const Finding* finding : InReportOrder(findings)) {
    if (finding->process == &process) AddFindings(suite, program, *finding, options);
  }
  const bool found = suite.tests > 0;
  for (const Finding& finding : findings) {
    if (finding.suppressed && finding.process == &process) AddFindings(suite, program, finding, options);
  }
  if (found) return suite;
  ++suite.tests;
  absl::StrAppend(&suite.cases, CaseHead(program, "no findings", std::nullopt), "/>\n");
  return suite;
}

// Data of which it is not said whose it is.
Suite DataSuite(const Model& model) {
  Suite suite{.name = "stray", .cases = ""};
  for (const DataRemark& remark : DataRemarks(model)) {
    if (!remark.incomplete) continue;
    ++suite.errors;
    AddCase(suite, CaseHead("stray", "data is complete", std::nullopt), "error",
            absl::StrCat("data is incomplete: ", remark.text), "incomplete", "");
  }
  return suite;
}

std::string Counts(const Suite& suite) {
  return absl::StrCat("tests=\"", suite.tests, "\" failures=\"", suite.failures, "\" errors=\"", suite.errors,
                      "\" skipped=\"", suite.skipped, "\" time=\"0\"");
}

}  // namespace

std::string JunitReport(const Model& model, const std::vector<Finding>& findings,
                        const ReportOptions& options) {
  std::vector<Suite> suites;
  for (const auto& process : model.processes) suites.push_back(SuiteOf(*process, findings, options));
  if (IsIncomplete(model)) suites.push_back(DataSuite(model));
  Suite all;
  for (const Suite& suite : suites) {
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
    absl::StrAppend(&all.cases, "  <testsuite name=\"", XmlAttribute(suite.name), "\" ", Counts(suite), ">\n",
                    suite.cases, "  </testsuite>\n");
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"stray\" ", Counts(all),
                      ">\n", all.cases, "</testsuites>\n");
}

}  // namespace stray::analyzer
