// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/notices.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {
namespace {

// Fills `process` from "START_NS\nWHY\nPROGRAM" and the name of the link, "PID.N.unwatched".
bool ReadNotice(absl::string_view name, absl::string_view text, ProcessModel& process) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('\n', 2));
  int pid = 0;
  uint64_t start_ns = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(name.substr(0, name.find('.')), &pid) ||
      !absl::SimpleAtoi(parts[0], &start_ns)) {
    return false;
  }
  process.process.set_pid(pid);
  process.process.set_start_ns(start_ns);
  process.process.set_program(std::string(parts[2]));
  wire::Gap& gap = process.gaps.emplace_back();
  gap.set_kind("not_entered");
  gap.set_text(std::string(parts[1]));
  process.Index();
  return true;
}

}  // namespace

void AddUnwatched(absl::Span<const std::string> paths, Model& model) {
  for (const std::string& path : paths) {
    std::error_code error;
    const std::string text = std::filesystem::read_symlink(path, error).string();
    const std::string name = std::filesystem::path(path).filename().string();
    auto process = std::make_unique<ProcessModel>();
    if (!error && ReadNotice(name, text, *process)) {
      model.processes.push_back(std::move(process));
    } else {
      model.damage.push_back(absl::StrCat(name, ": a process was not watched, and does not say why"));
    }
  }
}

}  // namespace stray::analyzer
