// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/fail_on.h"

#include <fnmatch.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/suggest.h"

namespace stray::analyzer {
namespace {

constexpr const char* kFindingIds[] = {
#define STRAY_FINDING_ID(id, name, meaning, fix) id,
#include "analyzer/analysis/finding_ids.inc"
#undef STRAY_FINDING_ID
};

const char* Word(Confidence confidence) {
  switch (confidence) {
    case Confidence::kProved:
      return "proved";
    case Confidence::kLikely:
      return "likely";
    case Confidence::kHeuristic:
      return "heuristic";
  }
  return "";
}

bool GlobMatches(const std::string& glob, const std::string& text) {
  return fnmatch(glob.c_str(), text.c_str(), 0) == 0;
}

std::vector<std::string> KnownWords() {
  std::vector<std::string> words(std::begin(kFindingIds), std::end(kFindingIds));
  words.insert(words.end(), {"proved", "likely", "heuristic", "all", "none"});
  return words;
}

}  // namespace

FailOn::FailOn() : entries_({"proved", "likely"}) {}

absl::StatusOr<FailOn> FailOn::Parse(absl::Span<const std::string> entries) {
  FailOn result;
  if (entries.empty()) return result;
  const std::vector<std::string> words = KnownWords();
  result.entries_.assign(entries.begin(), entries.end());
  for (const std::string& entry : entries) {
    const bool known = std::any_of(words.begin(), words.end(),
                                   [&](const std::string& word) { return GlobMatches(entry, word); });
    if (known) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "--fail-on: \"", entry, "\" is neither a finding id nor a confidence", DidYouMean(entry, words)));
  }
  return result;
}

bool FailOn::Matches(const Finding& finding) const { return !IsExcused(finding) && Selects(finding); }

bool FailOn::Selects(const Finding& finding) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const std::string& entry) {
    return entry == "all" || entry == Word(finding.confidence) || GlobMatches(entry, finding.id);
  });
}

size_t FailOn::Count(absl::Span<const Finding> findings) const {
  return static_cast<size_t>(std::count_if(findings.begin(), findings.end(),
                                           [&](const Finding& finding) { return Matches(finding); }));
}

}  // namespace stray::analyzer
