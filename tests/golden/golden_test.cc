// SPDX-License-Identifier: Apache-2.0
// golden_test.cc: dumps as text and logs in, reports out, compared with what stands in the tree.
//
//   tests/golden/<case>/dump.txt           the input (text form of a dump, symbolized)
//                       log*               or logs of race detectors (log_programs/ has what wrote them), and
//                                          texts and profiles that list tasks
//                       report.txt         what TextReport makes of it
//                       report.json        what JsonReport makes of it
//                       explain.txt        the proofs of its findings, one after the other, where the file
//                       exists overview.txt       what TaskOverview makes of it, where the file exists
//                       listing.txt        what ListingOverview makes of it, where the file exists
//                       suppressions.txt   rules to apply first, where the file exists
//                       report.junit.xml, report.sarif, report.github, report.md, tasks.folded,
//                       tasks.goroutine, tasks.debug1, block.debug1, mutex.debug1    the other formats, where
//                       the file exists
//
// With STRAY_UPDATE_GOLDENS=1 in the environment the expected files are rewritten instead
// (scripts/update-goldens); then read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/refine.h"
#include "analyzer/load/load.h"
#include "analyzer/report/page.h"
#include "analyzer/report/proof_report.h"
#include "analyzer/report/report.h"
#include "analyzer/report/suppressions.h"
#include "analyzer/report/task_profile.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool IsUpdating() { return std::getenv("STRAY_UPDATE_GOLDENS") != nullptr; }

// `must_exist`: the file is part of every case, so an update makes it.
void CompareWith(const fs::path& path, const std::string& actual, bool must_exist) {
  if (!must_exist && !fs::exists(path)) return;
  if (IsUpdating()) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(ReadFile(path), actual) << path << " differs; if that is meant, run scripts/update-goldens";
}

// The files that a case is made of, in order.
std::vector<fs::path> Inputs(const fs::path& directory) {
  std::vector<fs::path> inputs;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name == "dump.txt" || name.rfind("log", 0) == 0) inputs.push_back(entry.path());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(STRAY_GOLDEN_DIR)) {
    if (entry.is_directory() && !Inputs(entry.path()).empty()) cases.push_back(entry.path().filename());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

// A function or path without a space to break at may be longer than a line; nothing else may.
void ExpectFits(const std::string& report, size_t width) {
  size_t begin = 0;
  while (begin < report.size()) {
    const size_t end = report.find('\n', begin);
    const std::string line = report.substr(begin, end - begin);
    EXPECT_TRUE(TextWidth(line) <= width || line.find_first_not_of(' ') + 30 > line.rfind(' ')) << line;
    begin = end + 1;
  }
}

std::string Proofs(const std::vector<Finding>& findings, const ReportOptions& options) {
  const std::vector<const Finding*> shown = InReportOrder(findings);
  std::string text;
  for (size_t i = 0; i < shown.size(); ++i) {
    if (i > 0) text += "\n";
    text += ProofText({shown[i], i + 1, shown.size()}, Prove(*shown[i]), options);
  }
  return text;
}

std::string Profile(const Model& model, const std::vector<Finding>& findings, ProfileKind kind) {
  return ProfileText(MakeTaskProfile(model, findings, {.kind = kind}));
}

void CompareOtherFormats(const fs::path& directory, const Model& model, const std::vector<Finding>& findings,
                         ReportOptions options) {
  options.source_root = "/home/dev/shop";
  CompareWith(directory / "report.junit.xml", JunitReport(model, findings, options), false);
  CompareWith(directory / "report.sarif", SarifReport(model, findings, options), false);
  CompareWith(directory / "report.github", GithubReport(model, findings, options), false);
  CompareWith(directory / "report.md", MarkdownReport(model, findings, options), false);
  CompareWith(directory / "tasks.folded", FoldedText(MakeTaskProfile(model, findings, {})), false);
  CompareWith(directory / "tasks.goroutine", GoroutineText(model, findings, true), false);
  CompareWith(directory / "tasks.debug1", Profile(model, findings, ProfileKind::kGoroutine), false);
  CompareWith(directory / "block.debug1", Profile(model, findings, ProfileKind::kBlock), false);
  CompareWith(directory / "mutex.debug1", Profile(model, findings, ProfileKind::kMutex), false);
}

class GoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, ReportsAreAsExpected) {
  const fs::path directory = fs::path(STRAY_GOLDEN_DIR) / GetParam();
  absl::StatusOr<Model> model = Model();
  for (const fs::path& input : Inputs(directory)) {
    absl::StatusOr<Model> part = LoadBytes(ReadFile(input), input.filename());
    ASSERT_TRUE(part.ok()) << part.status();
    model->Append(*std::move(part));
  }
  for (const auto& process : model->processes) RefineWaitReasons(*process);
  std::vector<Finding> findings = Analyze(*model);
  ReportOptions options;
  options.source_lines = false;
  if (fs::exists(directory / "suppressions.txt")) {
    absl::StatusOr<Suppressions> rules =
        Suppressions::Parse(ReadFile(directory / "suppressions.txt"), "suppressions.txt");
    ASSERT_TRUE(rules.ok()) << rules.status();
    rules->Apply(findings);
    options.notes = rules->Unused();
  }
  const std::string text = TextReport(*model, findings, options);
  ExpectFits(text, options.width);
  CompareWith(directory / "report.txt", text, true);
  CompareWith(directory / "report.json", JsonReport(*model, findings, options), true);
  if (fs::exists(directory / "explain.txt")) {
    const std::string proofs = Proofs(findings, options);
    ExpectFits(proofs, options.width);
    CompareWith(directory / "explain.txt", proofs, false);
  }
  CompareWith(directory / "overview.txt", TaskOverview(*model, options), false);
  CompareOtherFormats(directory, *model, findings, options);
  if (fs::exists(directory / "listing.txt")) {
    const std::string listing = ListingOverview(*model, options);
    ExpectFits(listing, options.width);
    CompareWith(directory / "listing.txt", listing, false);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenTest, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<std::string>& name) { return name.param; });

}  // namespace
}  // namespace stray::analyzer
