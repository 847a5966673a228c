// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/debug_files.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {

std::vector<std::string> DebugFilesByBuildId(absl::string_view build_id,
                                             const std::vector<std::string>& directories) {
  std::vector<std::string> paths;
  bool is_hex = build_id.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
  if (build_id.size() <= 2 || !is_hex) return paths;
  for (const std::string& directory : directories) {
    paths.push_back(
        absl::StrCat(directory, "/.build-id/", build_id.substr(0, 2), "/", build_id.substr(2), ".debug"));
  }
  return paths;
}

std::vector<std::string> DebugFilesByLink(absl::string_view module, absl::string_view link,
                                          const std::vector<std::string>& directories) {
  std::vector<std::string> paths;
  size_t slash = module.rfind('/');
  if (link.empty() || absl::StrContains(link, "/") || slash == absl::string_view::npos) return paths;
  absl::string_view home = module.substr(0, slash);
  paths.push_back(absl::StrCat(home, "/", link));
  paths.push_back(absl::StrCat(home, "/.debug/", link));
  for (const std::string& directory : directories) {
    paths.push_back(absl::StrCat(directory, home, "/", link));
    // Packages from before /lib became a link to /usr/lib keep their debug files under the old name.
    absl::string_view old_home = home;
    if (absl::ConsumePrefix(&old_home, "/usr")) paths.push_back(absl::StrCat(directory, old_home, "/", link));
  }
  // A link that names its own file would find the stripped one.
  paths.erase(std::remove(paths.begin(), paths.end(), std::string(module)), paths.end());
  return paths;
}

}  // namespace stray::analyzer
