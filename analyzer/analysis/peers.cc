// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/peers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/event_order.h"

namespace stray::analyzer {
namespace {

constexpr PeerSide kPeerSides[] = {{"chan send", "receive", "received from it"},
                                   {"chan receive", "send", "sent on it"},
                                   {"sync.Cond.Wait", "signal", "signalled it"},
                                   {"sync.WaitGroup.Wait", "done", "called Done on it"},
                                   {"semacquire", "release", "released it"}};

// What wakes waiters of conditions, semaphores and futexes of threads.
struct WakeWord {
  absl::string_view event, did;
};
constexpr WakeWord kWakeWords[] = {{"signal", "signalled it"},
                                   {"broadcast", "signalled it"},
                                   {"post", "posted it"},
                                   {"futex wake", "woke it"}};

absl::string_view WakeText(absl::string_view event) {
  for (const WakeWord& one : kWakeWords) {
    if (one.event == event) return one.did;
  }
  return "";
}

absl::string_view SideText(absl::string_view side) {
  for (const PeerSide& one : kPeerSides) {
    if (one.side == side) return one.did;
  }
  return side == "close"     ? "closed it"
         : side == "wait"    ? "waited for it"
         : side == "acquire" ? "acquired it"
                             : "used it";
}

Peer PeerOf(const wire::Use& use, absl::string_view did) {
  return {.task = use.task(),
          .operation = use.side(),
          .did = std::string(did),
          .count = use.count(),
          .last = use.last(),
          .site = use.site()};
}

struct RingPeer {
  Peer peer;
  uint32_t sequence = 0;  // of the last time
};

// By object. The events of a task stand in order.
absl::flat_hash_map<uint32_t, std::vector<RingPeer>> WakersInRings(const ProcessModel& process) {
  absl::flat_hash_map<uint32_t, std::vector<RingPeer>> found;
  for (const wire::Task& task : process.tasks) {
    for (const wire::Event& event : task.events()) {
      const absl::string_view did = WakeText(event.kind());
      if (did.empty() || event.object() == 0) continue;
      std::vector<RingPeer>& all = found[event.object()];
      if (all.empty() || all.back().peer.task != task.id()) {
        all.push_back({.peer = {.task = task.id(), .operation = "", .did = "", .at_least = true, .site = {}}});
      }
      RingPeer& last = all.back();
      ++last.peer.count;
      last.peer.operation = event.kind();
      last.peer.did = std::string(did);
      last.peer.site = event.site();
      last.sequence = event.sequence();
    }
  }
  return found;
}

}  // namespace

const PeerSide* PeerSideOf(absl::string_view wait_reason) {
  const auto* found = std::find_if(std::begin(kPeerSides), std::end(kPeerSides),
                                   [&](const PeerSide& one) { return one.wait_reason == wait_reason; });
  return found == std::end(kPeerSides) ? nullptr : found;
}

std::vector<const wire::Use*> UsesOfSide(const wire::Object& object, const PeerSide& peers) {
  std::vector<const wire::Use*> found;
  for (const wire::Use& use : object.uses()) {
    if (use.side() == peers.side) found.push_back(&use);
  }
  return found;
}

std::string LastPeerSentence(const ProcessModel& process, absl::string_view wait_reason, uint32_t object) {
  const PeerSide* peers = PeerSideOf(wait_reason);
  const wire::Object* record = process.FindObject(object);
  if (peers == nullptr || record == nullptr || record->uses().empty()) return "";
  const std::vector<const wire::Use*> uses = UsesOfSide(*record, *peers);
  if (uses.empty()) {
    return record->other_uses() != 0 ? "" : absl::StrCat(" Nobody has ", peers->did, " so far.");
  }
  const wire::Use& last = *uses.front();
  const wire::Task* task = process.FindTask(last.task());
  // What is kept is the place of a task's first time.
  const std::string place = last.count() == 1 ? AtPlace(PlaceLabel(process, last.site())) : "";
  return absl::StrCat(" The last one that ", peers->did, " was ", TaskLabel(process, last.task()), place,
                      task != nullptr && task->finished() ? ", which has ended since." : ".");
}

std::string MeetingSentence(const ProcessModel& process, uint32_t task) {
  constexpr size_t kMostPartners = 3;
  std::vector<std::string> partners;
  std::string none;
  for (const wire::SanitizerReport& report : process.sanitizer_reports) {
    const bool is_meant = report.kind() == "possible-partners" && !report.steps().empty();
    if (!is_meant || report.steps(0).task() != task) continue;
    const bool receives = report.steps(0).wanted().read();
    none = absl::StrCat(" No order of the same events lets it meet those that ",
                        receives ? "sent on it." : "received from it.");
    for (int i = 1; i < report.steps_size(); ++i) {
      const wire::LockStep& partner = report.steps(i);
      partners.push_back(absl::StrCat(TaskLabel(process, partner.task()), ", which ",
                                      receives ? "sends on " : "receives from ",
                                      ObjectName(process, partner.wanted().object()),
                                      AtPlace(PlaceLabel(process, partner.wanted().site()))));
    }
  }
  if (partners.empty()) return none;
  if (partners.size() > kMostPartners) {
    partners[kMostPartners] = Counted(partners.size() - kMostPartners, "other");
    partners.resize(kMostPartners + 1);
  }
  return absl::StrCat(" In another order of the same events it could have met ",
                      absl::StrJoin(partners, ", or "), ".");
}

std::vector<Peer> PeerTable::Of(absl::string_view wait_reason, uint32_t object) const {
  const PeerSide* side = PeerSideOf(wait_reason);
  const wire::Object* record = process_.FindObject(object);
  if (record == nullptr) return {};
  if (side == nullptr) return FromRings(object);
  std::vector<Peer> peers;
  for (const wire::Use* use : UsesOfSide(*record, *side)) peers.push_back(PeerOf(*use, side->did));
  return peers;
}

std::vector<Peer> PeerTable::OfAllSides(uint32_t object) const {
  const wire::Object* record = process_.FindObject(object);
  if (record == nullptr) return {};
  std::vector<Peer> peers;
  for (const wire::Use& use : record->uses()) peers.push_back(PeerOf(use, SideText(use.side())));
  return peers.empty() ? FromRings(object) : peers;
}

const std::vector<Peer>& PeerTable::FromRings(uint32_t object) const {
  static const std::vector<Peer>* const kNone = new std::vector<Peer>;
  if (!rings_read_) {
    rings_read_ = true;
    auto found = WakersInRings(process_);
    for (auto& [id, all] : found) {
      std::stable_sort(all.begin(), all.end(),
                       [](const RingPeer& a, const RingPeer& b) { return IsNewer(a.sequence, b.sequence); });
      std::vector<Peer>& peers = from_rings_[id];
      for (RingPeer& one : all) peers.push_back(std::move(one.peer));
      peers.front().last = true;
    }
  }
  const auto it = from_rings_.find(object);
  return it == from_rings_.end() ? *kNone : it->second;
}

}  // namespace stray::analyzer
