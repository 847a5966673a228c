// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/read_box.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/adopt_reports.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

// What ThreadSanitizer makes of its log_path; "": it writes to a stream.
std::string TsanLogPath(const wire::Process& process) {
  const std::string& path = process.tsan_log();
  if (path.empty() || path == "stderr" || path == "stdout") return "";
  const bool is_relative = !absl::StartsWith(path, "/") && !process.working_directory().empty();
  return absl::StrCat(is_relative ? absl::StrCat(process.working_directory(), "/") : "", path, ".",
                      process.pid());
}

// The file comes into being with the first report.
void AddTsanLog(ProcessModel& process, std::vector<std::string>& damage) {
  const std::string path = TsanLogPath(process.process);
  if (path.empty() || access(path.c_str(), F_OK) != 0) return;
  absl::StatusOr<Model> log = LoadFile(path);
  if (!log.ok()) {
    damage.push_back(absl::StrCat(path, ": ", std::string(log.status().message())));
    return;
  }
  for (std::unique_ptr<ProcessModel>& one : log->processes) AdoptReports(std::move(*one), process);
  damage.insert(damage.end(), log->damage.begin(), log->damage.end());
  process.Index();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessModel>> ReadBox(const BoxView& box, const std::string& name, bool alive,
                                                      std::vector<std::string>& damage) {
  absl::StatusOr<std::unique_ptr<ProcessModel>> process = ReadBlackBox(box.bytes(), name, alive, damage);
  if (process.ok() && (*process)->process.unheard_tsan()) AddTsanLog(**process, damage);
  return process;
}

}  // namespace stray::analyzer
