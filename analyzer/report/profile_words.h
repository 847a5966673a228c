// SPDX-License-Identifier: Apache-2.0
// profile_words.h: what is counted by place and not by task, profile by profile, and what it is called.
#ifndef STRAY_ANALYZER_REPORT_PROFILE_WORDS_H_
#define STRAY_ANALYZER_REPORT_PROFILE_WORDS_H_

#include <string>
#include <vector>

#include "analyzer/model/model.h"

namespace stray::analyzer {

struct ReadProfile {
  std::string name;                             // block, mutex, threadcreate, ...
  std::vector<const wire::ProfileSite*> sites;  // longest delay first, else those that count most
};

// By name.
std::vector<ReadProfile> ProfilesOf(const ProcessModel& process);

// Whether stray's agent has counted it.
bool IsOwnProfile(const ProcessModel& process);

// What is counted, for one: "contention" of a block profile, "thread", ...
std::string NounOf(const ProcessModel& process, const std::string& profile);

// What its stacks mean, which is easily mistaken: "where goroutines waited, of those waits that have ended".
std::string MeaningOf(const ProcessModel& process, const std::string& profile);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_PROFILE_WORDS_H_
