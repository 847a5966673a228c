// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/read_profile_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/report/names.h"
#include "analyzer/report/profile_words.h"
#include "analyzer/report/stack_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxSites = 50;     // of a profile that was read
constexpr size_t kMaxOwnSites = 10;  // beside what else there is to say
constexpr size_t kChainFrames = 3;
constexpr size_t kIndent = 3;

std::string CountText(const ProcessModel& process, const wire::ProfileSite& site) {
  std::string text = Counted(site.count(), NounOf(process, site.profile()));
  if (!site.wait_reason().empty()) absl::StrAppend(&text, " in ", Printable(site.wait_reason()));
  if (site.delay_ns() != 0) absl::StrAppend(&text, ", ", DurationText(site.delay_ns()), " in all");
  return text;
}

void WriteProfile(Page& page, const ProcessModel& process, const ReadProfile& profile) {
  const std::vector<const wire::ProfileSite*>& sites = profile.sites;
  uint64_t all = 0;
  for (const wire::ProfileSite* site : sites) all += site->count();
  page.Blank();
  page.Paragraph(0,
                 absl::StrCat(Counted(all, NounOf(process, profile.name)), " at ",
                              Counted(sites.size(), "place"), " in the ", profile.name, " profile of ",
                              ProcessName(process), ": ", MeaningOf(process, profile.name)),
                 Tone::kStrong);
  const size_t shown = std::min(sites.size(), IsOwnProfile(process) ? kMaxOwnSites : kMaxSites);
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
  for (const ReadProfile& profile : ProfilesOf(process)) WriteProfile(page, process, profile);
}

}  // namespace stray::analyzer
