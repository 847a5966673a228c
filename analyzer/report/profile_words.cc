// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/profile_words.h"

#include <algorithm>
#include <map>
#include <utility>

namespace stray::analyzer {

std::vector<ReadProfile> ProfilesOf(const ProcessModel& process) {
  std::map<std::string, ReadProfile> by_name;
  for (const wire::ProfileSite& site : process.profile_sites) by_name[site.profile()].sites.push_back(&site);
  std::vector<ReadProfile> all;
  for (auto& [name, profile] : by_name) {
    profile.name = name;
    std::stable_sort(
        profile.sites.begin(), profile.sites.end(), [](const wire::ProfileSite* a, const wire::ProfileSite* b) {
          return std::make_pair(a->delay_ns(), a->count()) > std::make_pair(b->delay_ns(), b->count());
        });
    all.push_back(std::move(profile));
  }
  return all;
}

bool IsOwnProfile(const ProcessModel& process) { return process.process.log().empty(); }

std::string NounOf(const ProcessModel& process, const std::string& profile) {
  if (IsOwnProfile(process)) return "wait";
  if (profile == "threadcreate") return "thread";
  if (profile == "block" || profile == "mutex" || profile == "contention") return "contention";
  return "event";
}

std::string MeaningOf(const ProcessModel& process, const std::string& profile) {
  if (IsOwnProfile(process) && profile == "block") return "where tasks waited, of those waits that have ended";
  if (IsOwnProfile(process) && profile == "mutex") return "where locks were taken that others then waited for";
  if (profile == "block") return "where goroutines waited, of those waits that have ended";
  if (profile == "mutex") return "where locks were given back that others were waiting for";
  if (profile == "contention") return "where goroutines waited, or gave back what others waited for";
  if (profile == "threadcreate") return "where threads were created";
  return "what the program counts itself";
}

}  // namespace stray::analyzer
