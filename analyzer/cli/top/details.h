// SPDX-License-Identifier: Apache-2.0
// details.h: all there is to one finding, task or object, as text to scroll.
#ifndef STRAY_ANALYZER_CLI_TOP_DETAILS_H_
#define STRAY_ANALYZER_CLI_TOP_DETAILS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/cli/top/picture.h"
#include "analyzer/cli/top/table.h"

namespace stray::analyzer {

// Lines, about `width` wide, of the row of `tab` with that key (KeyOf()): a finding as the report shows it and
// `stray explain` proves it; a task with its stacks; an object with its holders, its queue and its users.
// nullopt: there is no such row, or the tab has groups.
std::optional<std::vector<std::string>> DetailsOf(const Picture& picture, Tab tab, absl::string_view key,
                                                  size_t width);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_DETAILS_H_
