// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/race_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/report_words.h"
#include "analyzer/report/page.h"
#include "analyzer/report/stack_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kIndent = 3;
constexpr size_t kChainFrames = 3;
constexpr size_t kMaxOrigins = 4;
constexpr int kMaxUnread = 5;

void WriteLine(TaskBlockContext& context, absl::string_view label, absl::string_view text) {
  context.page.Paragraph(kIndent, LabelSpan(label), text);
}

std::string ChainOf(const ProcessModel& process, uint32_t stack) {
  return StackChain(process, StackEvidence(process, "", stack), kChainFrames);
}

// "heap block of 48 bytes at 0x7b04, allocated by main at Open (shop.cc:37)".
std::string PlaceText(const ProcessModel& process, const wire::MemoryPlace& place) {
  std::string text = MemoryLabel(process, place, 0);
  if (place.kind() == "global" && place.size() != 0)
    absl::StrAppend(&text, " of ", Counted(place.size(), "byte"));
  if (place.address() != 0) absl::StrAppend(&text, " at 0x", absl::Hex(place.address()));
  if (!MemoryOrigin(process, place).empty()) absl::StrAppend(&text, ", ", MemoryOrigin(process, place));
  return text;
}

// "[stack]" and the like tell less than the owner of the stack.
bool IsWorthALine(const wire::MemoryPlace& place) { return place.kind() != "global" || !place.name().empty(); }

void WritePlaces(TaskBlockContext& context, const wire::SanitizerReport& report) {
  bool first = true;
  for (const wire::MemoryPlace& place : report.places()) {
    if (!IsWorthALine(place)) continue;
    WriteLine(context, first ? "memory" : "", PlaceText(context.process, place));
    first = false;
  }
}

// Stacks below words that were not understood are shown with their words.
void WriteOtherStacks(TaskBlockContext& context, const wire::SanitizerReport& report) {
  if (report.accesses_size() == 0) return;  // they stand with the task
  for (const wire::ReportStack& stack : report.stacks()) {
    const bool is_sleep = stack.role() == "sleep";
    const std::string chain = ChainOf(context.process, stack.stack());
    WriteLine(context, is_sleep ? "sleep" : "also",
              is_sleep || stack.role().empty() ? chain : absl::StrCat(stack.role(), " ", chain));
  }
}

void WriteOrder(TaskBlockContext& context, const EvidenceReport& reported) {
  if (!reported.last_order.has_value()) return;
  WriteLine(context, "order", OrderText(context.process, *reported.last_order));
}

void WriteUnread(TaskBlockContext& context, const wire::SanitizerReport& report) {
  const int shown = std::min(report.unread_size(), kMaxUnread);
  for (int i = 0; i < shown; ++i) WriteLine(context, i == 0 ? "between" : "", report.unread(i));
  if (shown < report.unread_size())
    WriteLine(context, "", absl::StrCat("and ", Counted(report.unread_size() - shown, "more line")));
}

std::string ProcessesText(const std::vector<int32_t>& pids) {
  if (pids.size() < 2) return "";
  std::vector<std::string> numbers;
  for (size_t i = 0; i < std::min(pids.size(), kMaxOrigins); ++i) numbers.push_back(absl::StrCat(pids[i]));
  if (numbers.size() < pids.size()) numbers.push_back(absl::StrCat(pids.size() - numbers.size(), " more"));
  return absl::StrCat(", in ", pids.size(), " processes (", JoinedWithAnd(numbers), ")");
}

void WriteSeen(TaskBlockContext& context, const EvidenceReport& reported) {
  std::vector<std::string> origins(
      reported.origins.begin(),
      reported.origins.begin() + static_cast<ptrdiff_t>(std::min(reported.origins.size(), kMaxOrigins)));
  if (origins.size() < reported.origins.size())
    origins.push_back(absl::StrCat(reported.origins.size() - origins.size(), " more"));
  const size_t times = reported.origins.size();
  const std::string paths =
      reported.call_paths > 1 ? absl::StrCat(", by ", reported.call_paths, " ways through the code") : "";
  WriteLine(context, "seen",
            absl::StrCat(times == 1 ? "once" : absl::StrCat(times, " times"), paths,
                         ProcessesText(reported.pids), ": ", absl::StrJoin(origins, ", ")));
}

}  // namespace

bool IsRoleOfAccess(absl::string_view role) {
  return role == "write" || role == "read" || role == "atomic write" || role == "atomic read" || role == "free";
}

void WriteReported(TaskBlockContext& context, const Finding& finding) {
  if (!finding.reported.has_value()) return;
  const wire::SanitizerReport& report = *finding.reported->shown;
  context.page.Blank();
  WritePlaces(context, report);
  WriteOtherStacks(context, report);
  WriteOrder(context, *finding.reported);
  WriteUnread(context, report);
  WriteSeen(context, *finding.reported);
}

}  // namespace stray::analyzer
