// SPDX-License-Identifier: Apache-2.0
// growth_findings.cc: what is said of places that grow. Part of growth.h.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/growth.h"
#include "analyzer/analysis/signature.h"

namespace stray::analyzer {
namespace {

// The sites of one finding as one. Counts of sites that are the same by name add up.
void Merge(GrowingSite&& from, GrowingSite& to) {
  to.trend.first += from.trend.first;
  to.trend.now += from.trend.now;
  to.trend.per_minute += from.trend.per_minute;
  to.trend.since_ns = std::min(to.trend.since_ns, from.trend.since_ns);
  to.trend.points = std::max(to.trend.points, from.trend.points);
  to.tasks.insert(to.tasks.end(), from.tasks.begin(), from.tasks.end());
}

std::string RateText(double per_minute) {
  return per_minute >= 10 ? absl::StrFormat("%.0f", per_minute) : absl::StrFormat("%.2g", per_minute);
}

std::string Explanation(const EvidenceGrowth& growth, const std::string& noun, const std::string& reason,
                        uint64_t now_ns) {
  return absl::StrCat(Counted(growth.now, noun), " stay in ", reason, ", and there were ", growth.first, " ",
                      DurationText(now_ns - growth.since_ns), " ago: ", RateText(growth.per_minute),
                      " more a minute, over ", growth.snapshots, " snapshots. The oldest has been there for ",
                      DurationText(growth.oldest_ns),
                      ". Something that runs could still end these waits, so nothing is proved; if it does "
                      "not, they are leaked.");
}

}  // namespace

std::vector<Finding> GrowthFindings(const ProcessModel& process, const std::vector<GrowingSite>& sites,
                                    const absl::flat_hash_set<uint32_t>& ignored) {
  const SnapshotModel* snapshot = process.LastSnapshot();
  std::vector<Finding> findings;
  if (snapshot == nullptr) return findings;
  const EvidenceMaker evidence(process, snapshot);
  absl::flat_hash_map<EvidenceMaker::Look, size_t> known;
  std::vector<GrowingSite> merged;
  for (GrowingSite site : sites) {
    const auto is_ignored = [&](uint32_t index) { return ignored.contains(snapshot->tasks[index].task()); };
    site.tasks.erase(std::remove_if(site.tasks.begin(), site.tasks.end(), is_ignored), site.tasks.end());
    if (site.tasks.empty()) continue;
    const auto [it, is_new] =
        known.try_emplace(evidence.LookOf(snapshot->tasks[site.tasks.front()]), merged.size());
    if (is_new) {
      merged.push_back(std::move(site));
    } else {
      Merge(std::move(site), merged[it->second]);
    }
  }
  for (const GrowingSite& site : merged) {
    Finding finding;
    finding.id = "leak.alive";
    finding.confidence = Confidence::kHeuristic;
    finding.count = site.tasks.size();
    finding.groups = evidence.Group(site.tasks);
    EvidenceGrowth growth = {site.trend.first,  site.tasks.size(),   site.trend.per_minute,
                             site.trend.points, site.trend.since_ns, 0};
    for (uint32_t index : site.tasks)
      growth.oldest_ns = std::max(growth.oldest_ns, snapshot->tasks[index].wait_ns());
    const std::string noun = TaskNoun(process, TaskIds(finding.groups));
    const std::string& reason = snapshot->tasks[site.tasks.front()].wait_reason();
    finding.title = absl::StrCat("Ever more ", noun, "s wait in ", reason, ": ", growth.now, " now");
    finding.explanation = Explanation(growth, noun, reason, snapshot->info.time_ns());
    finding.growth = growth;
    finding.process = &process;
    finding.signature = Signature(finding);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace stray::analyzer
