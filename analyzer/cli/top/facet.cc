// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/facet.h"

namespace stray::analyzer {
namespace {

// In the order of the enumeration.
constexpr struct {
  absl::string_view word;
  absl::string_view title;
} kNames[kFacets] = {
    {"site", "where they stand"}, {"creation", "where they were started"},
    {"object", "object"},         {"reason", "wait reason"},
    {"state", "state"},           {"test", "test"},
    {"finding", "finding"},       {"labels", "labels"},
    {"process", "process"},
};

}  // namespace

absl::string_view FacetWord(Facet facet) { return kNames[static_cast<size_t>(facet)].word; }
absl::string_view FacetTitle(Facet facet) { return kNames[static_cast<size_t>(facet)].title; }

std::vector<std::string> FacetWords() {
  std::vector<std::string> words;
  for (const auto& name : kNames) words.emplace_back(name.word);
  return words;
}

std::optional<Facet> FacetOfWord(absl::string_view word) {
  for (size_t i = 0; i < kFacets; ++i) {
    if (kNames[i].word == word) return static_cast<Facet>(i);
  }
  return std::nullopt;
}

Facet NextFacet(Facet facet) { return static_cast<Facet>((static_cast<size_t>(facet) + 1) % kFacets); }
Facet PreviousFacet(Facet facet) {
  return static_cast<Facet>((static_cast<size_t>(facet) + kFacets - 1) % kFacets);
}

}  // namespace stray::analyzer
