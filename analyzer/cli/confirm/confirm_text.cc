// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/confirm/confirm_text.h"

#include <string.h>
#include <sys/wait.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {
namespace {

using steering::Reason;
using steering::State;

class Shortfall {
 public:
  Shortfall(const Replay& replay, const SteeringPlan& plan, const ProcessModel& recorded)
      : outcome_(replay.outcome), replay_(replay), plan_(plan), recorded_(recorded) {}

  std::string Text(bool is_deadlock) const {
    if (outcome_.state == static_cast<uint32_t>(State::kUntouched))
      return absl::StrCat("The program ", Ending(), " and never came to start a goroutine.");
    if (outcome_.given_up != 0) return GivenUp();
    if (outcome_.state == static_cast<uint32_t>(State::kThrough) && plan_.is_one_step) {
      return "One of them takes both of its locks without coming to an operation of the runtime in between, "
             "and "
             "so is not stopped there.";
    }
    if (outcome_.state == static_cast<uint32_t>(State::kThrough)) {
      return is_deadlock
                 ? "It kept to the whole order, and no deadlock came of it."
                 : "It kept to the whole order, and something came between the two accesses all the same.";
    }
    const SteeringPlan::Turn& turn = plan_.turns[std::min<size_t>(outcome_.turn, plan_.turns.size() - 1)];
    const std::string at = absl::StrCat(" in step ", outcome_.turn + 1, " of ", plan_.turns.size());
    if (replay_.end == RunEnd::kByItself)
      return absl::StrCat("The program ", Ending(), at, ", before ", Goroutine(turn), " came", To(turn), ".");
    const char* const does = outcome_.is_held != 0
                                 ? " waited for time to pass"
                                 : " ran on without coming to another operation of the runtime";
    return absl::StrCat(Capitalized(Goroutine(turn)), does, at, " until the time limit", Meant(turn), ".");
  }

 private:
  std::string GivenUp() const {
    const SteeringPlan::Turn& turn = plan_.turns[std::min<size_t>(outcome_.given_up, plan_.turns.size()) - 1];
    const std::string begin = absl::StrCat("The program took another way at step ", outcome_.given_up, " of ",
                                           plan_.turns.size(), ": ");
    switch (static_cast<Reason>(outcome_.reason)) {
      case Reason::kNeverStarted:
        return absl::StrCat(begin, Goroutine(turn), " was never started.");
      case Reason::kEnded:
        return absl::StrCat(begin, Goroutine(turn), " ended, and never came", To(turn), ".");
      case Reason::kYields:
        return absl::StrCat(begin, Goroutine(turn), " yielded again and again", Meant(turn), ".");
      default:
        break;
    }
    const std::string wait = std::string(WaitReasonWord(outcome_.wait_reason));
    return absl::StrCat(begin, Goroutine(turn),
                        wait.empty() ? " did not run" : absl::StrCat(" waited in ", wait),
                        ", and nothing ended that", Meant(turn), ".");
  }

  std::string Ending() const {
    if (replay_.end != RunEnd::kByItself) return "was ended";
    if (WIFSIGNALED(replay_.wait_status))
      return absl::StrCat("died of SIG", sigabbrev_np(WTERMSIG(replay_.wait_status)));
    return absl::StrCat("ended with status ", WEXITSTATUS(replay_.wait_status));
  }

  // As the report of the recorded run calls it.
  std::string Goroutine(const SteeringPlan::Turn& turn) const {
    const uint32_t id = plan_.names[turn.name].task;
    const wire::Task* task = recorded_.FindTask(id);
    const std::string label = TaskLabel(recorded_, id);
    if (task == nullptr || task->main()) return label;
    const std::string place = PlaceOfStack(recorded_, task->create_stack());
    return place.empty() ? label : absl::StrCat(label, " (started at ", place, ")");
  }

  std::string Place(const SteeringPlan::Turn& turn) const {
    wire::Site site;
    site.set_address(turn.place);
    return turn.place == 0 ? "" : PlaceLabel(recorded_, site);
  }
  std::string To(const SteeringPlan::Turn& turn) const {
    const std::string place = Place(turn);
    return absl::StrCat(" to ", place.empty() ? "where it had been recorded" : place);
  }
  std::string Meant(const SteeringPlan::Turn& turn) const {
    const std::string place = Place(turn);
    return place.empty() ? "" : absl::StrCat("; it should have come to ", place);
  }

  const steering::SteeringOutcome& outcome_;
  const Replay& replay_;
  const SteeringPlan& plan_;
  const ProcessModel& recorded_;
};

}  // namespace

std::string ShellWord(absl::string_view word) {
  const bool is_plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_-./:=,+@%", c);
  });
  if (is_plain) return std::string(word);
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string CommandLine(const ReplayPlan& plan, absl::string_view order, bool records, absl::string_view here) {
  std::string line;
  if (!plan.directory.empty() && plan.directory != here)
    line = absl::StrCat("cd ", ShellWord(plan.directory), " && ");
  absl::StrAppend(&line, "STRAY_SCHED=", ShellWord(order), " stray run ", records ? "--trace " : "", "--");
  for (const std::string& word : plan.command) absl::StrAppend(&line, " ", ShellWord(word));
  return line;
}

std::string WhyNotReached(const Replay& replay, const SteeringPlan& plan, const ProcessModel& recorded,
                          bool is_deadlock) {
  return Shortfall(replay, plan, recorded).Text(is_deadlock);
}

}  // namespace stray::analyzer
