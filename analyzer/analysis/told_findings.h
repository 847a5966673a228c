// SPDX-License-Identifier: Apache-2.0
// told_findings.h: what is new to somebody who watches: each finding once, and again when it has doubled.
#ifndef STRAY_ANALYZER_ANALYSIS_TOLD_FINDINGS_H_
#define STRAY_ANALYZER_ANALYSIS_TOLD_FINDINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

struct News {
  Finding finding;
  uint64_t count = 0;        // of all findings with its signature
  uint64_t told_before = 0;  // the count when it was last told; 0: it is new
};

class ToldFindings {
 public:
  explicit ToldFindings(size_t most = 4096) : most_(most) {}

  // Those of `findings`, all of one moment, that are new or at least twice as many as when they were told.
  // Findings with the same signature are one; when new, each is told, later on the first stands for all.
  std::vector<News> TakeNews(std::vector<Finding> findings);

  // The same by keys of the caller's, with counts, and without saying which: true if one of them is news.
  bool HasNews(const absl::flat_hash_map<uint64_t, uint64_t>& counts);

  // True if there were more signatures than are kept: further ones were not told.
  bool has_lost() const { return has_lost_; }

 private:
  template <typename Key>
  uint64_t* Told(absl::flat_hash_map<Key, uint64_t>& told, const Key& key);

  const size_t most_;
  absl::flat_hash_map<std::string, uint64_t> told_;  // by signature
  absl::flat_hash_map<uint64_t, uint64_t> told_keys_;
  bool has_lost_ = false;
};

// A number for what `finding` is about, of which nothing is known by name yet: for HasNews().
uint64_t NamelessKey(const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_TOLD_FINDINGS_H_
