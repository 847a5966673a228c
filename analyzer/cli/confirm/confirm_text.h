// SPDX-License-Identifier: Apache-2.0
// confirm_text.h: what `stray confirm` says: how to see it again, or why it did not happen.
#ifndef STRAY_ANALYZER_CLI_CONFIRM_CONFIRM_TEXT_H_
#define STRAY_ANALYZER_CLI_CONFIRM_CONFIRM_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/cli/confirm/replay.h"
#include "analyzer/load/steering_plan.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// As a shell reads it back.
std::string ShellWord(absl::string_view word);

// "cd /srv && STRAY_SCHED=seed:7 stray run --trace -- ./app -v": one line for a shell. `here`: the folder that
// it is given in.
std::string CommandLine(const ReplayPlan& plan, absl::string_view order, bool records, absl::string_view here);

// Why a steered run did not get there, as a sentence. `recorded`: the process whose trace the plan is of,
// explained.
std::string WhyNotReached(const Replay& replay, const SteeringPlan& plan, const ProcessModel& recorded,
                          bool is_deadlock);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_CONFIRM_CONFIRM_TEXT_H_
