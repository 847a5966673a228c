// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/use_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/peers.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostPeers = 3;

std::string UseText(const ProcessModel& process, const wire::Use& use, absl::string_view verb) {
  const wire::Task* task = process.FindTask(use.task());
  const std::string place = PlaceLabel(process, use.site());
  const std::string times = use.count() < 2 ? "" : absl::StrCat(" ", use.count(), " times, first");
  return absl::StrCat(TaskLabel(process, use.task()),
                      task != nullptr && task->finished() ? ", which has ended, " : " ", verb,
                      use.count() < 2 ? "" : times, place.empty() ? "" : absl::StrCat(" at ", place));
}

}  // namespace

std::string PeersText(const ProcessModel& process, absl::string_view wait_reason, uint32_t object) {
  const PeerSide* side = PeerSideOf(wait_reason);
  const wire::Object* record = process.FindObject(object);
  if (side == nullptr || record == nullptr || record->uses().empty()) return "";
  const std::vector<const wire::Use*> uses = UsesOfSide(*record, *side);
  if (uses.empty()) return absl::StrCat("nobody has ", side->did, " so far");
  std::vector<std::string> peers;
  for (const wire::Use* use : uses) {
    if (peers.size() < kMostPeers) peers.push_back(UseText(process, *use, side->did));
  }
  const size_t left = uses.size() - peers.size();
  return absl::StrCat(absl::StrJoin(peers, "; "), left == 0 ? "" : absl::StrCat("; and ", left, " more"));
}

}  // namespace stray::analyzer
