// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/task_log.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "analyzer/load/go_dump.h"
#include "analyzer/load/go_header.h"
#include "analyzer/load/go_profile_text.h"
#include "analyzer/load/listings.h"
#include "analyzer/load/text_lines.h"
#include "analyzer/load/thread_dump.h"

namespace stray::analyzer {
namespace {

constexpr size_t kProgressBytes = size_t{8} << 20;

bool HasHeader(absl::string_view line) {
  const size_t at = line.find("goroutine ");
  return at != absl::string_view::npos && ParseGoHeader(line.substr(at)).has_value();
}

bool IsSign(absl::string_view line) {
  if (absl::StrContains(line, "goroutine")) {
    return HasHeader(line) || absl::StrContains(line, " profile: total ") ||
           absl::StrContains(line, "found unexpected goroutines:") ||
           absl::StrContains(line, "fatal error: all goroutines are asleep - deadlock!") ||
           absl::StrContains(line, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!");
  }
  return line == "--- contention:" || line == "--- mutex:" || absl::StrContains(line, " profile: total ") ||
         ParseThreadHead(line).has_value();
}

}  // namespace

bool LooksLikeTaskLog(absl::string_view bytes) {
  TextLines lines(bytes);
  while (lines.Next()) {
    if (IsSign(lines.line())) return true;
  }
  return false;
}

Model ReadTaskLog(absl::string_view bytes, const std::string& name, const LoadProgress& progress) {
  TextLines lines(bytes);
  Listings listings(name);
  GoDumpReader dumps(lines, listings);
  GoProfileReader profiles(lines, listings);
  ThreadDumpReader threads(lines, listings);
  size_t told = 0;
  while (lines.Next()) {
    if (progress != nullptr && lines.offset() >= told + kProgressBytes) {
      told = lines.offset();
      progress(told, bytes.size());
    }
    if (lines.line().empty()) continue;
    dumps.Take() || profiles.Take() || threads.Take();
  }
  dumps.Finish();
  return listings.Finish();
}

}  // namespace stray::analyzer
