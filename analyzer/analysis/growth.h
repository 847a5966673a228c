// SPDX-License-Identifier: Apache-2.0
// growth.h: places at which ever more tasks wait, in a program that goes on.
//
// A leak in a service shows as that, long before the service ends, also where something could still wake each
// of the tasks. It is a matter of experience and proves nothing: docs/ANALYSIS.md has the rules and what they
// are for.
//
//   snapshots of a process --Add()--> counts by place --FindTrend()--> places that grow --> Findings
//
// Only tasks that stay count: those that were in the very same wait at the snapshot before; in a wait that ends
// by itself (a sleep, a timeout, a timer among the cases of a select), at as many snapshots before as a trend
// needs.
#ifndef STRAY_ANALYZER_ANALYSIS_GROWTH_H_
#define STRAY_ANALYZER_ANALYSIS_GROWTH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/trend.h"
#include "analyzer/analysis/wait_ages.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// One place that grows, in the newest snapshot.
struct GrowingSite {
  Trend trend;
  std::vector<uint32_t> tasks;  // that stay there, as indices into the snapshot
};

// The counts of one process, for as long as it is watched. Of each place it keeps the last 32 counts, and 32
// over all of the time, ever further apart.
class GrowthSeries {
 public:
  explicit GrowthSeries(const TrendRules& rules = {}, size_t most_sites = 4096)
      : rules_(rules), most_sites_(most_sites) {}

  // Adds the newest snapshot, which `ages` has as well. `explained`: tasks that something better is known of (a
  // proof), and which do not count. Returns places that grow: each once, and again when it has doubled.
  std::vector<GrowingSite> Add(const ProcessModel& process, const WaitAges& ages,
                               const absl::flat_hash_set<uint32_t>& explained);

  // True if there were more places than are kept, so that some were not looked at.
  bool has_lost() const { return has_lost_; }

 private:
  struct Place {
    uint64_t wait = 0;  // these three by their contents
    uint64_t where = 0;
    uint64_t created = 0;
    template <typename H>
    friend H AbslHashValue(H hash, const Place& place) {
      return H::combine(std::move(hash), place.wait, place.where, place.created);
    }
    bool operator==(const Place& other) const = default;
  };
  struct Site {
    std::vector<CountAt> recent;
    std::vector<CountAt> all;
    uint32_t stride = 1;   // snapshots from one point of `all` to the next
    uint32_t skipped = 0;  // since the last one
    uint64_t told = 0;     // the count when it was returned last
  };
  using Here = absl::flat_hash_map<Place, std::vector<uint32_t>>;

  Here CountTasks(const ProcessModel& process, const WaitAges& ages,
                  const absl::flat_hash_set<uint32_t>& explained) const;
  void MakeSites(const Here& here);
  std::optional<Trend> AddPoint(const CountAt& point, Site& site) const;

  TrendRules rules_;
  size_t most_sites_;
  absl::flat_hash_map<Place, Site> sites_;
  uint64_t last_ns_ = 0;  // time of the last snapshot
  bool has_lost_ = false;
};

// Findings of `sites`, which GrowthSeries has returned for the newest snapshot of `process`: leak.alive,
// heuristic. Those whose stacks are the same by name are one. Tasks in `ignored` are left out.
std::vector<Finding> GrowthFindings(const ProcessModel& process, const std::vector<GrowingSite>& sites,
                                    const absl::flat_hash_set<uint32_t>& ignored);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_GROWTH_H_
