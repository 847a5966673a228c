// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/use_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostPeers = 3;

std::string Verb(absl::string_view side) {
  if (side == "send") return "sent on it";
  if (side == "receive") return "received from it";
  return "closed it";
}

std::string UseText(const ProcessModel& process, const wire::Use& use) {
  const wire::Task* task = process.FindTask(use.task());
  const std::string place = PlaceLabel(process, use.site());
  const std::string times = use.count() < 2 ? "" : absl::StrCat(" ", use.count(), " times, first");
  return absl::StrCat(TaskLabel(process, use.task()),
                      task != nullptr && task->finished() ? ", which has ended, " : " ", Verb(use.side()),
                      use.count() < 2 ? "" : times, place.empty() ? "" : absl::StrCat(" at ", place));
}

}  // namespace

std::string PeersText(const ProcessModel& process, absl::string_view wait_reason, uint32_t object) {
  const bool sends = wait_reason == "chan send";
  if (!sends && wait_reason != "chan receive") return "";
  const wire::Object* record = process.FindObject(object);
  if (record == nullptr || record->kind() != "channel" || record->uses().empty()) return "";
  std::vector<std::string> peers;
  size_t left = 0;
  for (const wire::Use& use : record->uses()) {
    if (sends != (use.side() == "receive")) continue;
    if (peers.size() < kMostPeers) {
      peers.push_back(UseText(process, use));
    } else {
      ++left;
    }
  }
  if (peers.empty()) return sends ? "nobody has received from it so far" : "nobody has sent on it so far";
  return absl::StrCat(absl::StrJoin(peers, "; "), left == 0 ? "" : absl::StrCat("; and ", left, " more"));
}

}  // namespace stray::analyzer
