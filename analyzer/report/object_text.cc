// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/object_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/fate.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/peers.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/recent_events.h"
#include "analyzer/report/stack_text.h"
#include "analyzer/report/task_block.h"
#include "analyzer/report/task_stack.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxWaiters = 200;
constexpr size_t kChainFrames = 3;
constexpr size_t kHeaderIndent = 3;

std::string HeldText(const ProcessModel& process, const SnapshotModel& snapshot, const LockHolders& holders,
                     const wire::Object& object) {
  const auto live = holders.HoldersOf(object.id());
  if (!live.empty()) {
    std::vector<uint32_t> tasks;
    for (const LockHolders::Holder& holder : live) tasks.push_back(snapshot.tasks[holder.index].task());
    return absl::StrCat(live.front().read ? "read by " : "held by ",
                        tasks.size() == 1 ? TaskLabel(process, tasks.front()) : Counted(tasks.size(), "task"));
  }
  const LockHolders::Ended ended = holders.EndedHolder(object.id());
  if (ended.task != 0) return absl::StrCat("held by ", TaskLabel(process, ended.task), ", which has ended");
  return holders.IsFree(object.id()) ? "free" : "";
}

std::string ChannelText(const wire::Object& object) {
  return absl::StrCat(object.capacity() == 0
                          ? "unbuffered"
                          : absl::StrCat(object.length(), " of ", object.capacity(), " queued"),
                      object.closed() ? ", closed" : "");
}

bool IsHeldKind(const std::string& kind) { return IsLockKind(kind) || kind == "once"; }

// Those that wait for it, the longest first. A select waits for the objects of all its cases.
std::vector<const wire::TaskState*> WaitersOf(const SnapshotModel& snapshot, uint32_t object) {
  std::vector<const wire::TaskState*> waiters;
  for (const wire::TaskState& state : snapshot.tasks) {
    if (state.state() != "blocked") continue;
    const bool waits = state.object() == object ||
                       std::any_of(state.cases().begin(), state.cases().end(),
                                   [&](const wire::SelectCase& one) { return one.object() == object; });
    if (waits) waiters.push_back(&state);
  }
  std::stable_sort(waiters.begin(), waiters.end(), [](const wire::TaskState* a, const wire::TaskState* b) {
    return a->wait_ns() > b->wait_ns();
  });
  return waiters;
}

std::string AgeText(uint64_t wait_ns) { return wait_ns == 0 ? "" : absl::StrCat("  ", DurationText(wait_ns)); }

// Writes the lines about one object.
class ObjectWriter {
 public:
  ObjectWriter(TaskBlockContext& context, const SnapshotModel& snapshot, const wire::Object& object)
      : context_(context), process_(context.process), snapshot_(snapshot), object_(object) {}

  void Write() {
    const std::string state = ObjectStateText(process_, snapshot_, context_.holders, object_);
    context_.page.Paragraph(kHeaderIndent,
                            {absl::StrCat(context_.names.WithKind(object_.id()), "  "), Tone::kStrong}, state);
    WriteHolders();
    WriteWaiters();
    WriteUsers();
    WriteMaker();
    WriteObjects(context_);
  }

 private:
  void WriteHolders() {
    bool is_first = true;
    for (const LockHolders::Holder& holder : context_.holders.HoldersOf(object_.id())) {
      const wire::TaskState& state = snapshot_.tasks[holder.index];
      wire::Site site = object_.held_site();
      for (const wire::Held& held : state.held()) {
        if (held.object() == object_.id()) site = held.site();
      }
      WriteLabelled(context_, is_first ? (holder.read ? "readers" : "holder") : "",
                    absl::StrCat(TaskLabel(process_, state.task()), ", which took it", PlaceText(site),
                                 Comma(FateClause(process_, &snapshot_, state.task()))));
      is_first = false;
    }
    const LockHolders::Ended ended = context_.holders.EndedHolder(object_.id());
    if (is_first && ended.task != 0) {
      WriteLabelled(context_, "holder",
                    absl::StrCat(TaskLabel(process_, ended.task), ", which took it", PlaceText(ended.site),
                                 Comma(EndedClause(process_, &snapshot_, ended.task))));
    }
  }

  void WriteWaiters() {
    const std::vector<const wire::TaskState*> waiters = WaitersOf(snapshot_, object_.id());
    if (waiters.empty()) {
      WriteLabelled(context_, "waits", "nobody");
      return;
    }
    const uint64_t oldest_ns = waiters.front()->wait_ns();
    WriteLabelled(
        context_, "waits",
        absl::StrCat(Counted(waiters.size(), "task"),
                     oldest_ns == 0 ? "" : absl::StrCat(", the longest for ", DurationText(oldest_ns))));
    const size_t shown = std::min(waiters.size(), kMaxWaiters);
    for (size_t i = 0; i < shown; ++i) {
      const wire::TaskState& state = *waiters[i];
      const std::optional<FrameView> where = TopUserFrame(process_, TaskStack(process_, state).addresses);
      WriteLabelled(context_, "",
                    absl::StrCat(TaskLabel(process_, state.task()), AgeText(state.wait_ns()), "  ",
                                 state.wait_reason(), where.has_value() ? AtPlace(PlaceLabel(*where)) : ""));
    }
    if (shown < waiters.size())
      WriteLabelled(context_, "", absl::StrCat("and ", waiters.size() - shown, " more"));
  }

  void WriteUsers() {
    bool is_first = true;
    for (const Peer& peer : context_.peers.OfAllSides(object_.id())) {
      const std::string times = peer.count == 1 ? "once" : absl::StrCat(peer.count, " times");
      WriteLabelled(
          context_, is_first ? "users" : "",
          absl::StrCat(TaskLabel(process_, peer.task), " ", peer.did.empty() ? "used it" : peer.did, " ",
                       peer.at_least ? "at least " : "", times, peer.at_least ? ", last" : ", first",
                       PlaceText(peer.site), Comma(FateClause(process_, &snapshot_, peer.task))));
      is_first = false;
    }
    if (object_.other_uses() != 0) {
      WriteLabelled(context_, is_first ? "users" : "",
                    absl::StrCat(is_first ? "" : "and ", "others, ", object_.other_uses(), " times in sum"));
    }
  }

  void WriteMaker() {
    const wire::Stack* stack = process_.FindStack(object_.create_stack());
    if (stack == nullptr && object_.created_by() == 0) return;
    wire::Site site;
    site.set_stack(object_.create_stack());
    WriteLabelled(
        context_, "made",
        absl::StrCat(
            object_.created_by() == 0 ? "" : absl::StrCat("by ", TaskLabel(process_, object_.created_by())),
            PlaceText(site)));
  }

  // " at Cart::Flush (cart.cc:81) < main (main.cc:12)"
  std::string PlaceText(const wire::Site& site) const {
    EvidenceStack stack;
    if (const wire::Stack* record = process_.FindStack(site.stack()); record != nullptr) {
      stack.addresses.assign(record->addresses().begin(), record->addresses().end());
    } else if (site.address() != 0) {
      stack.addresses = {site.address()};
    }
    return stack.addresses.empty() ? "" : absl::StrCat(" at ", StackChain(process_, stack, kChainFrames));
  }

  static std::string Comma(const std::string& clause) {
    return clause.empty() ? "" : absl::StrCat("; ", clause);
  }

  TaskBlockContext& context_;
  const ProcessModel& process_;
  const SnapshotModel& snapshot_;
  const wire::Object& object_;
};

}  // namespace

std::string ObjectStateText(const ProcessModel& process, const SnapshotModel& snapshot,
                            const LockHolders& holders, const wire::Object& object) {
  if (object.destroyed()) return "destroyed";
  if (object.kind() == "channel") return ChannelText(object);
  return IsHeldKind(object.kind()) ? HeldText(process, snapshot, holders, object) : "";
}

std::string ObjectReport(const ProcessModel& process, const SnapshotModel& snapshot, uint32_t object,
                         const ReportOptions& options) {
  Page page(options.width, options.color);
  const wire::Object* record = process.FindObject(object);
  if (record == nullptr) {
    page.Line(kHeaderIndent, "an object that was not recorded");
    return page.Take();
  }
  ObjectNames names(process);
  const RecentEvents no_events(process, {});
  const LockHolders holders(process, snapshot);
  const PeerTable peers(process);
  TaskBlockContext context{process, page, names, holders, no_events, peers, nullptr, {}, {}};
  ObjectWriter(context, snapshot, *record).Write();
  return page.Take();
}

}  // namespace stray::analyzer
