// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/told_findings.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace stray::analyzer {

template <typename Key>
uint64_t* ToldFindings::Told(absl::flat_hash_map<Key, uint64_t>& told, const Key& key) {
  const auto known = told.find(key);
  if (known != told.end()) return &known->second;
  if (told.size() >= most_) {
    has_lost_ = true;
    return nullptr;
  }
  return &told[key];
}

std::vector<News> ToldFindings::TakeNews(std::vector<Finding> findings) {
  absl::flat_hash_map<std::string, uint64_t> counts;
  for (const Finding& finding : findings) counts[finding.signature] += finding.count;
  std::vector<News> news;
  absl::flat_hash_map<std::string, bool> is_new;
  for (Finding& finding : findings) {
    const uint64_t count = counts[finding.signature];
    uint64_t* told = Told(told_, finding.signature);
    if (told == nullptr) continue;
    const auto [seen, is_first] = is_new.try_emplace(finding.signature, *told == 0);
    if (!seen->second && (!is_first || count < 2 * *told)) continue;
    news.push_back({std::move(finding), count, seen->second ? 0 : *told});
    *told = count;
  }
  return news;
}

bool ToldFindings::HasNews(const absl::flat_hash_map<uint64_t, uint64_t>& counts) {
  bool has_news = false;
  for (const auto& [key, count] : counts) {
    uint64_t* told = Told(told_keys_, key);
    if (told == nullptr || (*told != 0 && count < 2 * *told)) continue;
    *told = count;
    has_news = true;
  }
  return has_news;
}

uint64_t NamelessKey(const Finding& finding) {
  uint64_t key = absl::HashOf(finding.id, finding.groups.size());
  for (const TaskGroup& group : finding.groups) {
    if (group.tasks.empty()) continue;
    const EvidenceTask& task = group.tasks.front();
    key = absl::HashOf(key, task.wait_reason);
    for (const EvidenceStack& stack : task.stacks) {
      if (stack.role != "running") key = absl::HashOf(key, stack.role, stack.addresses);
    }
  }
  return key;
}

}  // namespace stray::analyzer
