// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/profile_columns.h"

#include <string>
#include <vector>

#include "analyzer/report/page.h"
#include "analyzer/report/profile_words.h"

namespace stray::analyzer {
namespace {

Json ProfileJson(const ProcessModel& process, Number number, const ReadProfile& profile, Texts& texts,
                 Stacks& stacks) {
  std::vector<Number> site_stacks, reasons;
  std::vector<uint64_t> counts, delays;
  for (const wire::ProfileSite* site : profile.sites) {
    site_stacks.push_back(stacks.OfId(process, site->stack()));
    reasons.push_back(texts.Of(site->wait_reason()));
    counts.push_back(site->count());
    delays.push_back(site->delay_ns());
  }
  return {{"process", number},
          {"name", Printable(profile.name)},
          {"noun", NounOf(process, profile.name)},
          {"meaning", MeaningOf(process, profile.name)},
          {"sites",
           {{"count", site_stacks.size()},
            {"stack", ColumnJson(site_stacks)},
            {"reason", ColumnJson(reasons)},
            {"number", ColumnJson(counts)},
            {"delay_ns", ColumnJson(delays)}}}};
}

}  // namespace

Json ProfilesJson(const Model& model, Texts& texts, Stacks& stacks) {
  Json all = Json::array();
  for (size_t i = 0; i < model.processes.size(); ++i) {
    const ProcessModel& process = *model.processes[i];
    for (const ReadProfile& profile : ProfilesOf(process))
      all.push_back(ProfileJson(process, static_cast<Number>(i), profile, texts, stacks));
  }
  return all;
}

}  // namespace stray::analyzer
