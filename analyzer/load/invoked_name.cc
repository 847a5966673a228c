// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/invoked_name.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_split.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;

bool IsSameFile(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

// True if the shell's rules lead from `name` to `program`. The search path is ours, which the program
// inherited.
bool LeadsTo(const fs::path& name, const fs::path& program, const fs::path& directory) {
  if (name.has_parent_path()) return IsSameFile(directory / name, program);
  const char* path = std::getenv("PATH");
  for (absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':', absl::SkipEmpty())) {
    if (IsSameFile(fs::path(std::string(folder)) / name, program)) return true;
  }
  return false;
}

}  // namespace

std::string InvokedName(const wire::Process& process) {
  if (process.arguments_size() == 0 || process.arguments(0).empty() || process.program().empty()) return "";
  const fs::path first = process.arguments(0);
  const fs::path program = process.program();
  const std::string name = first.filename().string();
  if (name.empty() || name == program.filename()) return "";
  return LeadsTo(first, program, process.working_directory()) ? name : "";
}

}  // namespace stray::analyzer
