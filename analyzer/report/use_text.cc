// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/use_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/fate.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostPeers = 4;

std::string PeerText(const ProcessModel& process, const Peer& peer) {
  const std::string fate = FateClause(process, SnapshotToJudge(process), peer.task);
  const std::string place = AtPlace(PlaceLabel(process, peer.site));
  const char* const which = place.empty() ? "" : peer.at_least ? ", last" : ", first";
  const std::string times =
      peer.count < 2 ? "" : absl::StrCat(" ", peer.count, peer.at_least ? " times or more" : " times", which);
  return absl::StrCat(TaskLabel(process, peer.task), fate.empty() ? " " : absl::StrCat(", which ", fate, ", "),
                      peer.did, times, place);
}

}  // namespace

std::string PeersText(const ProcessModel& process, const PeerTable& peers, absl::string_view wait_reason,
                      uint32_t object) {
  const std::vector<Peer> all = peers.Of(wait_reason, object);
  const wire::Object* record = process.FindObject(object);
  const PeerSide* side = PeerSideOf(wait_reason);
  if (all.empty()) {
    const bool nobody =
        side != nullptr && record != nullptr && !record->uses().empty() && record->other_uses() == 0;
    return nobody ? absl::StrCat("nobody has ", side->did, " so far") : "";
  }
  std::vector<std::string> texts;
  for (const Peer& peer : all) {
    if (texts.size() < kMostPeers) texts.push_back(PeerText(process, peer));
  }
  const size_t left = all.size() - texts.size();
  return absl::StrCat(absl::StrJoin(texts, "; "), left == 0 ? "" : absl::StrCat("; and ", left, " more"));
}

}  // namespace stray::analyzer
