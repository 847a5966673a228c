// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/life_text.h"

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/wait_words.h"

namespace stray::analyzer {

std::string LifeLabel(const ProcessModel& process, const TaskLife& life) {
  std::string label = TaskLabel(process, life.task);
  if (process.FindTask(life.task) == nullptr && !life.name.empty())
    absl::StrAppend(&label, " \"", life.name, "\"");
  return label;
}

std::string LifeWord(const ActivitySpan& span) {
  switch (span.state) {
    case Activity::kRunning:
      return "running";
    case Activity::kRunnable:
      return "runnable";
    case Activity::kWaiting:
      return std::string(span.wait_reason == 0 ? "waiting" : WaitWordOf(span.wait_reason));
    case Activity::kMixed:
      return "several";
  }
  return "";
}

std::string ArrowWord(ArrowKind kind) {
  switch (kind) {
    case ArrowKind::kCreates:
      return "creates";
    case ArrowKind::kWakes:
      return "wakes";
    case ArrowKind::kHandsOver:
      return "hands over";
    case ArrowKind::kSends:
      return "sends";
  }
  return "";
}

}  // namespace stray::analyzer
