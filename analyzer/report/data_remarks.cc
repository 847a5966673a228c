// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/data_remarks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/report/names.h"

namespace stray::analyzer {
namespace {

enum LossSeverity { kIncomplete, kNote };

struct LossWords {
  absl::string_view word;
  absl::string_view sentence;
  LossSeverity severity;
};

constexpr LossWords kLosses[] = {
#define STRAY_LOSS(enumerator, word, sentence, severity) {word, sentence, severity},
#include "agent/wire/losses.inc"
#undef STRAY_LOSS
};

DataRemark LossRemark(const wire::LossCount& loss) {
  for (const LossWords& known : kLosses) {
    if (known.word == loss.word()) {
      return {known.severity == kIncomplete, absl::StrCat(loss.count(), " ", known.sentence)};
    }
  }
  // A newer agent counts something this version has no words for; to be safe it may matter.
  return {true, absl::StrCat(loss.count(), " losses of kind \"", loss.word(), "\"")};
}

uint64_t NumberOf(const ProcessModel& process, absl::string_view gap_kind) {
  uint64_t number = 0;
  for (const wire::Gap& gap : process.gaps) {
    if (gap.kind() == gap_kind) number += gap.number();
  }
  return number;
}

// Threads of libc's are among those that no hook has seen.
void AddThreadRemarks(const ProcessModel& process, std::vector<DataRemark>& remarks) {
  const uint64_t libc = NumberOf(process, "libc_thread");
  const uint64_t unseen = NumberOf(process, "raw_thread");
  if (unseen > libc) {
    const uint64_t raw = unseen - libc;
    remarks.push_back(
        {RawThreads(process) > 0,
         absl::StrCat(Counted(raw, "thread"), raw == 1 ? " was" : " were",
                      " started without pthread_create: what they wait for is the kernel's word only")});
  }
  if (libc > 0) {
    remarks.push_back(
        {false, absl::StrCat(Counted(libc, "thread"), libc == 1 ? " is" : " are",
                             " the C library's own (for timers, asynchronous I/O and the like)")});
  }
}

DataRemark GapRemark(const wire::Gap& gap) {
  const std::string& text = gap.text();
  if (gap.kind() == "deepbind") {
    return {true, absl::StrCat(text, " was loaded with RTLD_DEEPBIND: its threads and locks were not seen")};
  }
  if (gap.kind() == "namespace") {
    return {
        true,
        absl::StrCat(text,
                     " was loaded into a namespace of its own (dlmopen): its threads and locks were not seen")};
  }
  if (gap.kind() == "table_full") return {true, absl::StrCat("a table of the agent was full: ", text)};
  if (gap.kind() == "not_entered") return {true, absl::StrCat("a program could not be watched: ", text)};
  return {true, absl::StrCat("not seen (", gap.kind(), "): ", text)};
}

std::string UnheardTsanText(const wire::Process& process) {
  const absl::string_view log = process.tsan_log();
  if (log.empty() || log == "stderr" || log == "stdout") {
    return "ThreadSanitizer is linked into the program statically: the races that it finds stand in its own "
           "output, "
           "and only there. One more flag makes them findings: `pkg-config --libs stray-race`, or "
           "-shared-libsan";
  }
  return absl::StrCat(
      "ThreadSanitizer is linked into the program statically: the races that it finds are read from ",
      "its log, ", log, ".", process.pid(), ". With one more flag, `pkg-config --libs stray-race`, or ",
      "-shared-libsan, stray knows more of them");
}

// The agent was never in, or the process has become another program, or a text tells of it: nobody could have
// been asked at its end.
bool HasNoEnd(const ProcessModel& process) {
  const auto is_not_entered = [](const wire::Gap& gap) { return gap.kind() == "not_entered"; };
  return process.process.state() == "exec" || !process.process.log().empty() ||
         std::any_of(process.gaps.begin(), process.gaps.end(), is_not_entered);
}

void AddSnapshotRemarks(const ProcessModel& process, std::vector<DataRemark>& remarks) {
  if (HasNoEnd(process)) return;
  const SnapshotModel* snapshot = process.LastSnapshot();
  if (snapshot == nullptr) {
    // A process that was replaced by another program has no end of its own to look at.
    if (process.process.state() != "exec") {
      remarks.push_back({false, "it left no snapshot: what its tasks were doing is not known"});
    }
  } else if (snapshot->info.stacks_missing()) {
    remarks.push_back(
        {false, "the process was gone before it could be asked: stacks of blocked tasks are missing"});
  }
}

void AddProcessRemarks(const ProcessModel& process, bool several, std::vector<DataRemark>& remarks) {
  std::vector<DataRemark> own;
  for (const wire::LossCount& loss : process.losses) {
    if (loss.count() != 0) own.push_back(LossRemark(loss));
  }
  for (const wire::Gap& gap : process.gaps) {
    if (gap.kind() != "raw_thread" && gap.kind() != "libc_thread") own.push_back(GapRemark(gap));
  }
  AddThreadRemarks(process, own);
  if (process.process.unheard_tsan()) own.push_back({false, UnheardTsanText(process.process)});
  AddSnapshotRemarks(process, own);
  for (const wire::Note& note : process.notes) own.push_back({note.incomplete(), note.text()});
  for (DataRemark& remark : own) {
    if (several) remark.text = absl::StrCat(ProcessName(process), ": ", remark.text);
    remarks.push_back(std::move(remark));
  }
}

}  // namespace

std::vector<DataRemark> DataRemarks(const Model& model) {
  std::vector<DataRemark> remarks;
  if (model.processes.empty()) remarks.push_back({true, "there is no process in it"});
  for (const std::string& damage : model.damage) remarks.push_back({true, damage});
  for (const auto& process : model.processes) AddProcessRemarks(*process, model.processes.size() > 1, remarks);
  return remarks;
}

}  // namespace stray::analyzer
