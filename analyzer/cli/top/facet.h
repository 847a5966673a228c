// SPDX-License-Identifier: Apache-2.0
// facet.h: by what tasks can be grouped.
#ifndef STRAY_ANALYZER_CLI_TOP_FACET_H_
#define STRAY_ANALYZER_CLI_TOP_FACET_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

enum class Facet { kSite, kCreation, kObject, kReason, kState, kTest, kFinding, kLabels, kProcess };
inline constexpr size_t kFacets = 9;

// The word of --group for it, and what its column is called.
absl::string_view FacetWord(Facet facet);
absl::string_view FacetTitle(Facet facet);
std::vector<std::string> FacetWords();
std::optional<Facet> FacetOfWord(absl::string_view word);

// The one behind it, or before it, in a circle.
Facet NextFacet(Facet facet);
Facet PreviousFacet(Facet facet);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_FACET_H_
