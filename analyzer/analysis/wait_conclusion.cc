// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wait_conclusion.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

// "T2 needs T3 (step 1) and T3 needs T2 (step 2)".
std::string RoundTheCircle(const ProcessModel& process, const Finding& finding) {
  std::vector<std::string> links;
  for (size_t i = 0; i < finding.groups.size(); ++i) {
    const EvidenceTask& task = finding.groups[i].tasks.front();
    links.push_back(absl::StrCat(TaskLabel(process, task.task), " needs ",
                                 TaskLabel(process, task.waits_for_task), " (step ", i + 1, ")"));
  }
  return Capitalized(JoinedWithAnd(links));
}

std::string StuckOf(const Diagnosis& diagnosis) {
  return absl::StrCat(diagnosis.stuck_count(), " of ", Counted(diagnosis.left_count(), "task"));
}

}  // namespace

std::string WaitConclusion(const Diagnosis& diagnosis, const Finding& finding) {
  const bool one = finding.groups.size() == 1 && finding.groups.front().tasks.size() == 1;
  if (finding.id == "deadlock.cycle") {
    return absl::StrCat(
        RoundTheCircle(diagnosis.process(), finding),
        ": the circle is closed. Each can go on only after the next one has, so none of them ever will.");
  }
  if (finding.id == "deadlock.self")
    return "What it waits for can only come from itself, and it comes to nothing while it waits.";
  if (finding.id == "deadlock.all") {
    return absl::StrCat(
        "No task runs, sleeps, does I/O or waits with a timeout, and each of those above waits for another: "
        "nothing "
        "is left that could begin, so all ",
        Counted(diagnosis.left_count(), "task"), " are blocked for ever.");
  }
  if (finding.id == "leak.blocked") {
    return absl::StrCat("Of all that could end the wait", one ? "" : "s",
                        ", nothing goes on, directly or through others: ", one ? "it is" : "they are",
                        " blocked for ever. No time limit is part of this proof.");
  }
  if (finding.id == "leak.alive") {
    return absl::StrCat(one ? "It may" : "They may", " still have gone on, so nothing proves that ",
                        one ? "it was" : "they were", " stuck. What is reported is that ",
                        one ? "it was" : "they were", " still there (leak.alive, likely).");
  }
  if (diagnosis.stuck_count() == 0) {
    return absl::StrCat("Nothing proves that any of ", Counted(diagnosis.left_count(), "task"),
                        " is blocked for ever: what they were doing is all that is known.");
  }
  return absl::StrCat(
      StuckOf(diagnosis),
      " can be proved to be blocked for ever; what the others were doing is all that is known.");
}

}  // namespace stray::analyzer
