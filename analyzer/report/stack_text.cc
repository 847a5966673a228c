// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/stack_text.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/report/names.h"

namespace stray::analyzer {
namespace {

constexpr size_t kNameColumn = 44;  // longer names push their place to the right instead of the whole column
constexpr size_t kGap = 2;
constexpr char kMissing[] = "(no stack: only the living process could have given it)";
constexpr char kForgotten[] = "(no stack: the race detector had forgotten it)";
constexpr char kUnlisted[] = "(no stack: the text has none)";
constexpr char kOnlySite[] = ".. callers not known: only the living process could have told";
constexpr char kUnknown[] = "(no stack was recorded)";

// What a line says before it is laid out.
struct FrameLine {
  std::string name;
  std::string place;
  std::string source;
  bool folded = false;
};

const char* MissingText(const ProcessModel& process) {
  if (process.LastSnapshot() != nullptr && IsListing(process.LastSnapshot()->info)) return kUnlisted;
  return process.process.log().empty() ? kMissing : kForgotten;
}

bool IsUser(const FoldedFrame& entry) { return entry.frame.role == FrameRole::kUser; }

// Library functions are named without their template arguments: which one it is does not matter here.
std::string FoldedText(const FoldedFrame& entry) {
  const wire::Location* location = entry.frame.location;
  const bool named = location != nullptr && !location->function().empty();
  const std::string name = named ? BareName(location->function()) : DisplayName(entry.frame);
  if (IsUser(entry)) return absl::StrCat(".. ", Counted(entry.folded, "frame"), " of the test framework");
  if (entry.place == FoldedFrame::Place::kInside) {
    return entry.folded == 1 ? name : absl::StrCat(name, "  (and ", entry.folded - 1, " more internal)");
  }
  return absl::StrCat(".. ", Counted(entry.folded, "internal frame"), " (", name, ")");
}

std::string SourceOf(const ProcessModel& process, const FrameView& frame, SourceLines* sources) {
  // Of a log nobody knows when it was written: the source may have changed since.
  if (sources == nullptr || frame.location == nullptr || !process.process.log().empty()) return "";
  return sources
      ->Find(frame.location->file(), frame.location->line(), process.process.working_directory(),
             process.process.start_realtime_ns())
      .value_or("");
}

// How a thread or main is started, and how user code came to a call that was named already. A call that is
// not of pthread may be part of something larger (a read in getaddrinfo), so its caller is worth a line.
bool TellsNothing(const FoldedFrame& entry, absl::string_view known_call) {
  if (entry.place == FoldedFrame::Place::kBase) return true;
  if (entry.place != FoldedFrame::Place::kInside) return false;
  return absl::StartsWith(known_call, "pthread_") || DisplayName(entry.frame) == known_call;
}

// Frames of a test framework between the test and main: the same for every test.
bool IsOfTestFramework(const FoldedFrame& entry) {
  constexpr absl::string_view kNamespaces[] = {"testing::", "doctest::", "Catch::", "boost::unit_test::"};
  if (entry.folded != 0 || entry.frame.location == nullptr) return false;
  const std::string name = BareName(entry.frame.location->function());
  return std::any_of(std::begin(kNamespaces), std::end(kNamespaces),
                     [&](absl::string_view prefix) { return absl::StartsWith(name, prefix); });
}

// What is left of a stack to be shown: folded frames that tell nothing are gone, and those of a test framework
// are one entry, unless they are all that user code there is.
std::vector<FoldedFrame> ShownFrames(const ProcessModel& process, const EvidenceStack& stack,
                                     absl::string_view known_call) {
  std::vector<FoldedFrame> shown;
  bool seen_user = false;
  for (FoldedFrame& entry : FoldedFrames(process, stack.addresses)) {
    if (entry.folded != 0 && TellsNothing(entry, known_call)) continue;
    const bool of_framework = seen_user && IsOfTestFramework(entry);
    if (of_framework && shown.back().folded != 0 && IsUser(shown.back())) {
      ++shown.back().folded;
      continue;
    }
    if (of_framework) entry.folded = 1;
    seen_user = seen_user || (entry.folded == 0 && entry.frame.role == FrameRole::kUser);
    shown.push_back(std::move(entry));
  }
  return shown;
}

std::vector<FrameLine> FrameLines(const ProcessModel& process, const EvidenceStack& stack,
                                  const StackStyle& style) {
  std::vector<FrameLine> lines;
  bool quoted = false;
  for (const FoldedFrame& entry : ShownFrames(process, stack, style.known_call)) {
    FrameLine line;
    if (entry.folded != 0) {
      line.name = FoldedText(entry);
      line.folded = true;
    } else {
      line.name = DisplayName(entry.frame);
      line.place = PlaceOf(process, entry.frame);
      if (line.place == line.name) line.place.clear();
      if (!quoted && IsUser(entry)) line.source = SourceOf(process, entry.frame, style.sources);
      quoted = quoted || IsUser(entry);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// Leaves out the middle of a deep stack: where it blocked and how it began both matter.
void LimitFrames(std::vector<FrameLine>& lines, size_t max_frames) {
  if (lines.size() <= max_frames) return;
  const size_t tail = max_frames / 4;
  const size_t head = max_frames - tail - 1;
  FrameLine gap;
  gap.name = absl::StrCat(".. ", lines.size() - head - tail, " more frames (all are in the JSON report)");
  gap.folded = true;
  lines.erase(lines.begin() + static_cast<ptrdiff_t>(head), lines.end() - static_cast<ptrdiff_t>(tail));
  lines.insert(lines.begin() + static_cast<ptrdiff_t>(head), std::move(gap));
}

void Append(const FrameLine& line, size_t column, size_t width, std::vector<std::vector<Span>>& out) {
  if (line.folded) {
    out.push_back({{line.name, Tone::kFaint}});
    return;
  }
  std::string text = line.name;
  if (!line.place.empty()) {
    std::string padded = PadRight(line.name, column) + std::string(kGap, ' ');
    if (TextWidth(padded) + TextWidth(line.place) <= width) {
      text = absl::StrCat(padded, line.place);
    } else {
      out.push_back({{line.name}});
      text = absl::StrCat("    ", line.place);
    }
  }
  if (line.source.empty()) {
    out.push_back({{text}});
    return;
  }
  const std::string quote = absl::StrCat("> ", line.source);
  if (TextWidth(text) + 3 + TextWidth(quote) <= width) {
    out.push_back({{absl::StrCat(text, "   ")}, {quote, Tone::kFaint}});
  } else {
    out.push_back({{text}});
    out.push_back({{"  "}, {Shorten(quote, std::max<size_t>(width, 12) - 2), Tone::kFaint}});
  }
}

}  // namespace

std::vector<std::vector<Span>> StackLines(const ProcessModel& process, const EvidenceStack& stack,
                                          const StackStyle& style) {
  std::vector<std::vector<Span>> out;
  std::vector<FrameLine> lines = FrameLines(process, stack, style);
  LimitFrames(lines, style.max_frames);
  size_t column = 0;
  for (const FrameLine& line : lines) {
    const size_t name_width = TextWidth(line.name);
    if (!line.folded && name_width <= kNameColumn) column = std::max(column, name_width);
  }
  for (const FrameLine& line : lines) Append(line, column, style.width, out);
  if (lines.empty() && !stack.missing) out.push_back({{kUnknown, Tone::kFaint}});
  if (stack.missing) out.push_back({{lines.empty() ? MissingText(process) : kOnlySite, Tone::kFaint}});
  if (stack.cut) out.push_back({{".. deeper frames were not kept", Tone::kFaint}});
  return out;
}

std::string StackChain(const ProcessModel& process, const EvidenceStack& stack, size_t max_frames) {
  std::vector<std::string> parts;
  size_t left_out = 0;
  for (const FoldedFrame& entry : ShownFrames(process, stack, "")) {
    if (entry.folded != 0) continue;
    if (parts.size() == max_frames) {
      ++left_out;
      continue;
    }
    parts.push_back(PlaceLabel(entry.frame));
  }
  if (parts.empty()) return stack.missing ? MissingText(process) : kUnknown;
  if (left_out != 0) parts.push_back(absl::StrCat(".. ", Counted(left_out, "more frame")));
  return absl::StrJoin(parts, " < ");
}

}  // namespace stray::analyzer
