// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/lock_order.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/life_order.h"
#include "analyzer/analysis/lock_cycles.h"
#include "analyzer/analysis/lock_edges.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostEdges = 6;  // of a long circle, so many are spelled out

// The places of a circle, as EvidenceMaker numbers them: of the lock held and of the lock wanted, for each
// edge. Rotated so that equal circles compare equal.
using Places = std::vector<std::pair<uint32_t, uint32_t>>;

const wire::Held& Wanted(const wire::LockChain& chain) { return chain.entries(chain.entries_size() - 1); }

Places PlacesOf(const EvidenceMaker& evidence, const LockCycle& cycle) {
  Places places;
  for (const LockEdge* edge : cycle.edges) {
    places.emplace_back(evidence.NumberOf(edge->chain->entries(edge->held).site()),
                        evidence.NumberOf(Wanted(*edge->chain).site()));
  }
  Places best = places;
  for (size_t i = 1; i < places.size(); ++i) {
    std::rotate(places.begin(), places.begin() + 1, places.end());
    best = std::min(best, places);
  }
  return best;
}

const wire::Sighting* SightingOf(const wire::LockChain& chain, uint32_t task) {
  for (const wire::Sighting& sighting : chain.sightings()) {
    if (sighting.task() == task) return &sighting;
  }
  return nullptr;
}

EvidenceStack PlaceEvidence(const ProcessModel& process, const std::string& role, uint32_t stack,
                            const wire::Site& site) {
  EvidenceStack evidence = StackEvidence(process, role, stack, site);
  evidence.missing = evidence.addresses.empty();
  return evidence;
}

void AddCreation(const ProcessModel& process, uint32_t task, EvidenceTask& evidence) {
  const wire::Task* record = process.FindTask(task);
  if (record == nullptr || record->main() || record->create_stack() == 0) return;
  evidence.stacks.push_back(StackEvidence(process, "created", record->create_stack()));
}

// `task` held entry `held` of `chain` when it wanted the last one.
EvidenceTask OrderEvidence(const ProcessModel& process, const wire::LockChain& chain, int held, uint32_t task) {
  EvidenceTask evidence;
  evidence.task = task;
  const wire::Task* record = process.FindTask(task);
  const SnapshotModel* snapshot = process.LastSnapshot();
  const wire::TaskState* state = snapshot == nullptr ? nullptr : snapshot->Find(task);
  evidence.state = record != nullptr && record->finished() ? "finished"
                   : state != nullptr                      ? state->state()
                                                           : "running";
  evidence.object = Wanted(chain).object();
  for (int i = 0; i + 1 < chain.entries_size(); ++i) {
    evidence.held.push_back({chain.entries(i).object(), chain.entries(i).read(), chain.entries(i).site()});
  }
  const wire::Sighting* sighting = SightingOf(chain, task);
  evidence.stacks = {
      PlaceEvidence(process, "wanted", sighting == nullptr ? 0 : sighting->stack(), Wanted(chain).site()),
      PlaceEvidence(process, "acquired", 0, chain.entries(held).site())};
  AddCreation(process, task, evidence);
  return evidence;
}

std::string ReadWrite(const ProcessModel& process, const wire::Held& entry) {
  if (ObjectKind(process, entry.object()) != "rwlock") return "";
  return entry.read() ? " for reading" : " for writing";
}

std::string PlaceOfWanted(const ProcessModel& process, const wire::LockChain& chain, uint32_t task) {
  const std::string place = PlaceLabel(process, Wanted(chain).site());
  const wire::Sighting* sighting = SightingOf(chain, task);
  return place.empty() && sighting != nullptr ? PlaceOfStack(process, sighting->stack()) : place;
}

std::string EdgeText(const ProcessModel& process, const LockEdge& edge, uint32_t task) {
  const wire::Held& from = edge.chain->entries(edge.held);
  const wire::Held& to = Wanted(*edge.chain);
  return absl::StrCat(TaskLabel(process, task), " locked ", ObjectLabel(process, to.object()),
                      ReadWrite(process, to), AtPlace(PlaceOfWanted(process, *edge.chain, task)),
                      " while it held ", ObjectLabel(process, from.object()),
                      from.read() ? " for reading" : "");
}

std::string LockNoun(const ProcessModel& process, const std::vector<uint32_t>& locks) {
  const std::string kind = ObjectKind(process, locks.front());
  const bool same =
      std::all_of(locks.begin(), locks.end(), [&](uint32_t lock) { return ObjectKind(process, lock) == kind; });
  return same && kind != "object" ? kind : "lock";
}

std::string ExplainCycle(const ProcessModel& process, const LockCycle& cycle, uint64_t count) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < cycle.edges.size() && i < kMostEdges; ++i) {
    parts.push_back(EdgeText(process, *cycle.edges[i], cycle.edges[i]->tasks[cycle.tasks[i]].task));
  }
  if (cycle.edges.size() > kMostEdges) parts.push_back("and so on round the circle");
  const bool pair = cycle.edges.size() == 2;
  std::string text =
      absl::StrCat(Capitalized(absl::StrJoin(parts, "; ")),
                   ". In this run they did so at different moments. If they do it at the same time, ",
                   pair ? "each waits for the lock that the other one holds, and neither can ever go on."
                        : "each waits for a lock that the next one holds, and none of them can ever go on.");
  if (!cycle.certain) {
    absl::StrAppend(&text,
                    " Creating and joining these tasks may rule that out: not enough was recorded to tell.");
  }
  if (count > 1)
    absl::StrAppend(&text, " The same places did this with ", count, " sets of locks; this is the first.");
  return text;
}

Finding CycleFinding(const ProcessModel& process, const LockCycle& cycle) {
  Finding finding;
  finding.id = "lock-order.cycle";
  finding.confidence = cycle.certain ? Confidence::kLikely : Confidence::kHeuristic;
  for (size_t i = 0; i < cycle.edges.size(); ++i) {
    const LockEdge& edge = *cycle.edges[i];
    finding.groups.emplace_back();
    finding.groups.back().tasks.push_back(
        OrderEvidence(process, *edge.chain, edge.held, edge.tasks[cycle.tasks[i]].task));
    finding.objects.push_back(edge.from);
  }
  const std::string locks = Counted(finding.objects.size(), LockNoun(process, finding.objects));
  finding.title = absl::StrCat(locks, finding.objects.size() == 2 ? " are locked in opposite orders"
                                                                  : " are locked in orders that form a circle");
  return finding;
}

// True if the order is that of a deadlock, or a longer one around it.
bool DidHappen(const std::vector<uint32_t>& locks, const std::vector<std::vector<uint32_t>>& deadlocked) {
  return std::any_of(deadlocked.begin(), deadlocked.end(), [&](const std::vector<uint32_t>& part) {
    return part == locks ||
           (part.size() > 1 && std::includes(locks.begin(), locks.end(), part.begin(), part.end()));
  });
}

std::vector<Finding> FindingsOfCycles(const ProcessModel& process, const EvidenceMaker& evidence,
                                      const std::vector<LockCycle>& cycles,
                                      const std::vector<std::vector<uint32_t>>& deadlocked) {
  struct Same {
    const LockCycle* first = nullptr;
    uint64_t count = 0;
    bool happened = false;
  };
  std::map<Places, Same> by_places;
  std::vector<Same*> in_order;
  for (const LockCycle& cycle : cycles) {
    auto [it, is_new] = by_places.try_emplace(PlacesOf(evidence, cycle));
    Same& same = it->second;
    if (is_new) in_order.push_back(&same);
    if (is_new || (cycle.certain && !same.first->certain)) same.first = &cycle;
    ++same.count;
    if (DidHappen(LocksOf(cycle), deadlocked)) same.happened = true;
  }
  std::vector<Finding> findings;
  for (const Same* same : in_order) {
    if (same->happened) continue;
    findings.push_back(CycleFinding(process, *same->first));
    findings.back().count = same->count;
    findings.back().explanation = ExplainCycle(process, *same->first, same->count);
  }
  return findings;
}

std::string ExplainReread(const ProcessModel& process, const Reread& reread, uint32_t task, uint32_t writer) {
  const wire::Held& first = reread.chain->entries(reread.held);
  const std::string reader = TaskLabel(process, task);
  const std::string writer_label = TaskLabel(process, writer);
  return absl::StrCat(
      Capitalized(reader), " locked ", ObjectLabel(process, reread.object), " for reading",
      AtPlace(PlaceOfWanted(process, *reread.chain, task)), " while it already held it for reading",
      AtPlace(PlaceLabel(process, first.site())), ", and ", writer_label, " locks it for writing. If ",
      writer_label, " begins to wait between the two, it waits for ", reader, " to finish reading, and ",
      reader,
      " waits behind it: neither can ever go on. This happens on locks that let waiting writers go first; ",
      "the default of glibc hides it by letting readers overtake, which POSIX does not promise.");
}

// The tasks that read twice and a writer, as two groups.
Finding RereadFinding(const ProcessModel& process, const Reread& reread, uint32_t task, const Writer& writer) {
  Finding finding;
  finding.id = "lock-order.cycle";
  finding.confidence = Confidence::kLikely;
  finding.title = "An rwlock is read-locked again while a writer may be waiting for it";
  finding.objects = {reread.object};
  finding.groups.resize(2);
  finding.groups[0].tasks.push_back(OrderEvidence(process, *reread.chain, reread.held, task));
  EvidenceTask evidence;
  evidence.task = writer.span.task;
  const wire::Task* record = process.FindTask(writer.span.task);
  evidence.state = record != nullptr && record->finished() ? "finished" : "running";
  evidence.object = reread.object;
  evidence.stacks = {PlaceEvidence(process, "wanted", 0, writer.site)};
  AddCreation(process, writer.span.task, evidence);
  finding.groups[1].tasks.push_back(std::move(evidence));
  finding.explanation = ExplainReread(process, reread, task, writer.span.task);
  return finding;
}

std::vector<Finding> FindingsOfRereads(const ProcessModel& process, const EvidenceMaker& evidence,
                                       LifeOrder& order, const std::vector<std::vector<uint32_t>>& deadlocked) {
  std::vector<Finding> findings;
  std::map<std::pair<uint32_t, uint32_t>, size_t> known;
  absl::flat_hash_set<uint32_t> done;  // locks that have been reported
  std::map<uint32_t, std::vector<Writer>> writers_of;
  for (const Reread& reread : Rereads(process)) {
    if (done.contains(reread.object) || DidHappen({reread.object}, deadlocked)) continue;
    auto [writers, is_new] = writers_of.try_emplace(reread.object);
    if (is_new) writers->second = WritersOf(process, reread.object);
    const wire::Held& first = reread.chain->entries(reread.held);
    for (const Writer& writer : writers->second) {
      const std::vector<LifeSpan> writer_span = {writer.span};
      const std::vector<size_t> chosen = ChooseTasks({&reread.tasks, &writer_span}, Overlap::kPossible, order);
      if (chosen.empty()) continue;
      done.insert(reread.object);
      const std::pair<uint32_t, uint32_t> places(evidence.NumberOf(first.site()),
                                                 evidence.NumberOf(Wanted(*reread.chain).site()));
      auto [it, is_new_place] = known.try_emplace(places, findings.size());
      if (is_new_place) {
        findings.push_back(RereadFinding(process, reread, reread.tasks[chosen[0]].task, writer));
      } else {
        ++findings[it->second].count;
      }
      break;
    }
  }
  return findings;
}

// The search gave up: silence would look like a clean bill.
Finding UnfinishedFinding(size_t edges) {
  Finding finding;
  finding.id = "lock-order.cycle";
  finding.confidence = Confidence::kHeuristic;
  finding.title = "The lock orders are too tangled to be checked completely";
  finding.explanation =
      absl::StrCat("Locks were taken in ", edges,
                   " different orders that form very many circles, and the search for one that can ",
                   "deadlock was ended before all were looked at. Further circles may exist.");
  return finding;
}

}  // namespace

std::vector<Finding> FindLockOrders(const ProcessModel& process, const EvidenceMaker& evidence,
                                    const std::vector<std::vector<uint32_t>>& deadlocked) {
  LifeOrder order(process);
  const std::vector<LockEdge> edges = LockEdges(process);
  LockCycleSearch search(edges, order);
  const std::vector<LockCycle> cycles = search.Run();
  std::vector<Finding> findings = FindingsOfCycles(process, evidence, cycles, deadlocked);
  for (Finding& finding : FindingsOfRereads(process, evidence, order, deadlocked))
    findings.push_back(std::move(finding));
  if (search.was_cut()) findings.push_back(UnfinishedFinding(edges.size()));
  return findings;
}

}  // namespace stray::analyzer
