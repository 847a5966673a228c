// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/agent_library.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace stray::analyzer {
namespace {

constexpr const char* kName = "libstray_agent.so";

bool IsReadableFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), R_OK) == 0;
}

}  // namespace

absl::StatusOr<std::string> FindAgentLibraryFor(const std::string& executable, const std::string& fallback) {
  const std::filesystem::path prefix = std::filesystem::path(executable).parent_path().parent_path();
  std::vector<std::string> places = {prefix / "lib" / kName, prefix / "lib" / "stray" / kName,
                                     prefix / STRAY_LIBDIR / "stray" / kName};
  if (!fallback.empty()) places.push_back(fallback);
  for (const std::string& place : places) {
    if (IsReadableFile(place)) return place;
  }
  return absl::NotFoundError(absl::StrCat("the agent (", kName, ") is not there: looked for ",
                                          absl::StrJoin(places, ", "),
                                          fallback.empty() ? "; STRAY_AGENT=PATH tells where it is" : ""));
}

absl::StatusOr<std::string> FindHeapLibrary(const std::string& agent) {
  const std::string path = std::filesystem::path(agent).parent_path() / "libstray_heap.so";
  if (IsReadableFile(path)) return path;
  return absl::NotFoundError(absl::StrCat("--prove needs ", path, ", which is not there"));
}

absl::StatusOr<std::string> FindAgentLibrary() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const char* fallback = getenv("STRAY_AGENT");
  return FindAgentLibraryFor(self.string(), fallback == nullptr ? "" : fallback);
}

}  // namespace stray::analyzer
