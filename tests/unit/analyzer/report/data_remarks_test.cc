// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/data_remarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "analyzer/analysis/analyze.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

Model OneProcess() {
  Model model;
  model.processes.push_back(std::make_unique<ProcessModel>());
  model.processes.front()->process.set_program("/bin/app");
  model.processes.front()->process.set_pid(7);
  model.processes.front()->snapshots.emplace_back();
  return model;
}

void AddLoss(Model& model, const std::string& word, uint64_t count) {
  wire::LossCount& loss = model.processes.front()->losses.emplace_back();
  loss.set_word(word);
  loss.set_count(count);
}

void AddGap(Model& model, const std::string& kind, uint64_t number) {
  wire::Gap& gap = model.processes.front()->gaps.emplace_back();
  gap.set_kind(kind);
  gap.set_text("libfoo.so");
  gap.set_number(number);
}

// The report, the JSON and the exit status must not contradict each other.
void ExpectAgreement(const Model& model) {
  const std::vector<DataRemark> remarks = DataRemarks(model);
  const bool any =
      std::any_of(remarks.begin(), remarks.end(), [](const DataRemark& r) { return r.incomplete; });
  EXPECT_EQ(any, IsIncomplete(model)) << (remarks.empty() ? "no remark" : remarks.front().text);
}

TEST(DataRemarksTest, WholeDataNeedsNoRemark) { EXPECT_THAT(DataRemarks(OneProcess()), IsEmpty()); }

TEST(DataRemarksTest, AgreeWithTheAnalysisOnWhatIsIncomplete) {
  ExpectAgreement(Model());
  ExpectAgreement(OneProcess());
  for (const char* word : {
#define STRAY_LOSS(enumerator, word, sentence, severity) word,
#include "agent/wire/losses.inc"
#undef STRAY_LOSS
           "a loss of the future"}) {
    Model model = OneProcess();
    AddLoss(model, word, 3);
    ExpectAgreement(model);
  }
  for (const char* kind :
       {"deepbind", "namespace", "raw_thread", "table_full", "not_entered", "libc_thread", "of the future"}) {
    Model model = OneProcess();
    AddGap(model, kind, 1);
    ExpectAgreement(model);
    model.processes.front()->process.set_sanitizer(true);
    ExpectAgreement(model);
  }
  for (bool incomplete : {false, true}) {
    Model model = OneProcess();
    model.processes.front()->notes.emplace_back().set_incomplete(incomplete);
    ExpectAgreement(model);
  }
  Model no_snapshot = OneProcess();
  no_snapshot.processes.front()->snapshots.clear();
  ExpectAgreement(no_snapshot);
}

TEST(DataRemarksTest, ThreadsOfLibcAreAmongTheUnseenAndNoneIsMissed) {
  Model model = OneProcess();
  AddGap(model, "raw_thread", 3);
  AddGap(model, "libc_thread", 3);
  ASSERT_EQ(DataRemarks(model).size(), 1u);
  EXPECT_THAT(DataRemarks(model)[0].text, testing::StartsWith("3 threads are the C library's own"));
  ExpectAgreement(model);
  AddGap(model, "raw_thread", 1);
  ASSERT_EQ(DataRemarks(model).size(), 2u);
  EXPECT_THAT(DataRemarks(model)[0].text, testing::StartsWith("1 thread was started without pthread_create"));
  EXPECT_TRUE(DataRemarks(model)[0].incomplete);
  ExpectAgreement(model);
}

TEST(DataRemarksTest, CountOfZeroIsNoLoss) {
  Model model = OneProcess();
  AddLoss(model, "tasks", 0);
  EXPECT_THAT(DataRemarks(model), IsEmpty());
}

TEST(DataRemarksTest, OneOfSeveralProcessesIsNamed) {
  Model model = OneProcess();
  AddGap(model, "deepbind", 0);
  model.processes.push_back(std::move(OneProcess().processes.front()));
  EXPECT_THAT(
      DataRemarks(model),
      ElementsAre(Field(&DataRemark::text, HasSubstr("app (pid 7): libfoo.so was loaded with RTLD_DEEPBIND"))));
}

TEST(DataRemarksTest, NoProcessAtAllIsSaid) {
  EXPECT_EQ(TextReport(Model(), {}, ReportOptions{}),
            "stray: nothing found in the data, but data is incomplete:\n  - there is no process in it\n");
}

}  // namespace
}  // namespace stray::analyzer
