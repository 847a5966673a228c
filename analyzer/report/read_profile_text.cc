// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/read_profile_text.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/report/names.h"
#include "analyzer/report/stack_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxSites = 50;     // of a profile that was read
constexpr size_t kMaxOwnSites = 10;  // beside what else there is to say
constexpr size_t kChainFrames = 3;
constexpr size_t kIndent = 3;

// Whether stray's agent has counted it.
bool IsOwn(const ProcessModel& process) { return process.process.log().empty(); }

// "contention" of a block profile, "waiter" ...: what is counted.
std::string NounOf(const ProcessModel& process, const std::string& profile) {
  if (IsOwn(process)) return "wait";
  if (profile == "threadcreate") return "thread";
  if (profile == "block" || profile == "mutex" || profile == "contention") return "contention";
  return "event";
}

// What the stacks of a profile mean is easily mistaken.
std::string MeaningOf(const ProcessModel& process, const std::string& profile) {
  if (IsOwn(process) && profile == "block") return "where tasks waited, of those waits that have ended";
  if (IsOwn(process) && profile == "mutex") return "where locks were taken that others then waited for";
  if (profile == "block") return "where goroutines waited, of those waits that have ended";
  if (profile == "mutex") return "where locks were given back that others were waiting for";
  if (profile == "contention") return "where goroutines waited, or gave back what others waited for";
  if (profile == "threadcreate") return "where threads were created";
  return "what the program counts itself";
}

std::string CountText(const ProcessModel& process, const wire::ProfileSite& site) {
  std::string text = Counted(site.count(), NounOf(process, site.profile()));
  if (!site.wait_reason().empty()) absl::StrAppend(&text, " in ", Printable(site.wait_reason()));
  if (site.delay_ns() != 0) absl::StrAppend(&text, ", ", DurationText(site.delay_ns()), " in all");
  return text;
}

void WriteProfile(Page& page, const ProcessModel& process, const std::string& profile,
                  std::vector<const wire::ProfileSite*> sites) {
  std::stable_sort(sites.begin(), sites.end(), [](const wire::ProfileSite* a, const wire::ProfileSite* b) {
    return std::make_pair(a->delay_ns(), a->count()) > std::make_pair(b->delay_ns(), b->count());
  });
  uint64_t all = 0;
  for (const wire::ProfileSite* site : sites) all += site->count();
  page.Blank();
  page.Paragraph(
      0,
      absl::StrCat(Counted(all, NounOf(process, profile)), " at ", Counted(sites.size(), "place"), " in the ",
                   profile, " profile of ", ProcessName(process), ": ", MeaningOf(process, profile)),
      Tone::kStrong);
  const size_t shown = std::min(sites.size(), IsOwn(process) ? kMaxOwnSites : kMaxSites);
  for (size_t i = 0; i < shown; ++i) {
    const EvidenceStack stack = StackEvidence(process, "at", sites[i]->stack());
    page.Paragraph(kIndent, CountText(process, *sites[i]), Tone::kStrong);
    page.Paragraph(
        kIndent + 2, {"at       ", Tone::kFaint},
        stack.addresses.empty() ? "a place that is not told" : StackChain(process, stack, kChainFrames));
  }
  if (shown < sites.size()) page.Line(kIndent, absl::StrCat(".. and ", sites.size() - shown, " more places"));
}

}  // namespace

void WriteProfileSites(Page& page, const ProcessModel& process) {
  std::map<std::string, std::vector<const wire::ProfileSite*>> profiles;
  for (const wire::ProfileSite& site : process.profile_sites) profiles[site.profile()].push_back(&site);
  for (auto& [profile, sites] : profiles) WriteProfile(page, process, profile, std::move(sites));
}

}  // namespace stray::analyzer
