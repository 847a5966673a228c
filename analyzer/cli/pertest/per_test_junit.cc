// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pertest/per_test_junit.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/report/xml_text.h"

namespace stray::analyzer {
namespace {

struct Suite {
  std::string cases;
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
};

std::string Element(absl::string_view name, absl::string_view message, absl::string_view type,
                    absl::string_view text) {
  return absl::StrCat("      <", name, " message=\"", XmlAttribute(message), "\" type=\"", XmlAttribute(type),
                      "\">", XmlText(text), "</", name, ">\n");
}

bool IsOf(const TestOutcome& outcome, const Finding& finding) {
  return std::find(outcome.processes.begin(), outcome.processes.end(), finding.process) !=
         outcome.processes.end();
}

void AddTest(const TestOutcome& outcome, const std::vector<Finding>& findings,
             const std::vector<const Finding*>& failing, const ReportOptions& options, Suite& suite) {
  ++suite.tests;
  suite.seconds += outcome.result.seconds;
  std::string failures, others;
  if (outcome.HasTimedOut()) {
    failures = Element("error", "timed out", "timeout", "");
  } else if (outcome.HasFailed()) {
    failures = Element("failure", absl::StrCat("exit status ", outcome.result.status), "exit", outcome.output);
  }
  for (const Finding& finding : findings) {
    if (!IsOf(outcome, finding)) continue;
    const std::string text = absl::StrCat("\n", FindingReport(finding, options));
    if (std::find(failing.begin(), failing.end(), &finding) == failing.end()) {
      absl::StrAppend(&others, text);
    } else {
      absl::StrAppend(&failures,
                      Element("failure", absl::StrCat(finding.id, ": ", finding.title), finding.id, text));
    }
  }
  const bool is_error = outcome.HasTimedOut();
  suite.errors += is_error ? 1 : 0;
  suite.failures += !is_error && !failures.empty() ? 1 : 0;
  suite.skipped += outcome.result.ran ? 0 : 1;
  absl::StrAppend(&suite.cases, "    <testcase classname=\"", XmlAttribute(outcome.test.suite), "\" name=\"",
                  XmlAttribute(outcome.test.name), "\" time=\"",
                  absl::StrFormat("%.3f", outcome.result.seconds), "\">\n",
                  outcome.result.ran ? failures : "      <skipped message=\"the run was interrupted\"/>\n",
                  "      <system-out>", outcome.cut ? "[the beginning was cut]\n" : "", XmlText(outcome.output),
                  XmlText(others), "</system-out>\n    </testcase>\n");
}

std::string Counts(const Suite& suite) {
  return absl::StrFormat("tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=\"%.3f\"", suite.tests,
                         suite.failures, suite.errors, suite.skipped, suite.seconds);
}

}  // namespace

std::string PerTestJunit(const std::string& program, const std::vector<TestOutcome>& outcomes,
                         const std::vector<Finding>& findings, const std::vector<const Finding*>& failing,
                         const ReportOptions& options) {
  std::vector<std::string> names;  // in the order of the listing
  std::map<std::string, Suite> suites;
  for (const TestOutcome& outcome : outcomes) {
    const std::string& name = outcome.test.suite.empty() ? program : outcome.test.suite;
    if (!suites.contains(name)) names.push_back(name);
    AddTest(outcome, findings, failing, options, suites[name]);
  }
  Suite all;
  for (const std::string& name : names) {
    const Suite& suite = suites[name];
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
    all.seconds += suite.seconds;
    absl::StrAppend(&all.cases, "  <testsuite name=\"", XmlAttribute(name), "\" ", Counts(suite), ">\n",
                    suite.cases, "  </testsuite>\n");
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"", XmlAttribute(program),
                      "\" ", Counts(all), ">\n", all.cases, "</testsuites>\n");
}

}  // namespace stray::analyzer
