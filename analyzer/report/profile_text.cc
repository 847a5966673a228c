// SPDX-License-Identifier: Apache-2.0
// profile_text.cc: profiles as Go prints them with debug=1.
//
//   goroutine profile: total 38
//   38 @ 0x47db6a 0x41425c
//   # labels: {"object":"channel Ch1", "route":"/pay"}
//   #	0x47db69	Quote	/src/prices.cc:30
//
// Go has the distance from the start of the function behind its name; dumps do not have that, so it is left
// out.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "analyzer/report/page.h"
#include "analyzer/report/quoted_text.h"
#include "analyzer/report/task_profile.h"
#include "analyzer/report/task_stack.h"

namespace stray::analyzer {
namespace {

constexpr size_t kTab = 8;

// What stands between the tabs of one line.
using Cells = std::vector<std::string>;

// Cells below each other, as Go's text/tabwriter sets them; the last cell of a line is as long as it likes.
std::string Aligned(const std::vector<Cells>& lines) {
  std::vector<size_t> widths;
  for (const Cells& line : lines) {
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], (TextWidth(line[i]) / kTab + 1) * kTab);
    }
  }
  std::string text;
  for (const Cells& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      absl::StrAppend(&text, line[i]);
      if (i + 1 == line.size()) break;
      text.append((widths[i] - TextWidth(line[i]) + kTab - 1) / kTab, '\t');
    }
    text += '\n';
  }
  return text;
}

// As Go has it: without a file, what is known.
std::string FileText(const FrameView& view) {
  if (view.location != nullptr && !view.location->file().empty())
    return absl::StrCat(Printable(view.location->file()), ":", view.location->line());
  return view.module == nullptr ? "??:0" : absl::StrCat(Printable(view.module->path()), ":0");
}

// Return addresses, as readers of this format expect: they take one away.
uint64_t AddressOf(const ProfileSample& sample, size_t i) {
  return sample.addresses[i] + (i == 0 && sample.first_is_exact ? 1 : 0);
}

std::string StackText(const ProfileSample& sample) {
  std::vector<Cells> lines;
  for (const FrameView& view : FramesToShow(*sample.process, sample.addresses)) {
    const bool exact = sample.first_is_exact && view.address == sample.addresses.front();
    const uint64_t call = view.made_up ? 0 : view.address - (exact || view.address == 0 ? 0 : 1);
    lines.push_back({"#", absl::StrCat("0x", absl::Hex(call)), Printable(DisplayName(view)), FileText(view)});
  }
  if (!sample.placeholder.empty()) lines.push_back({"#", "0x0", sample.placeholder, "??:0"});
  return Aligned(lines);
}

std::string LabelsText(const ProfileSample& sample) {
  std::vector<std::string> pairs;
  for (const ProfileLabel& label : sample.labels) {
    const std::string value = label.unit.empty() ? label.text : absl::StrCat(label.number);
    pairs.push_back(absl::StrCat(Quoted(label.key), ":", Quoted(value)));
  }
  return pairs.empty() ? "" : absl::StrCat("# labels: {", absl::StrJoin(pairs, ", "), "}\n");
}

std::string Head(const TaskProfile& profile) {
  if (profile.kind == ProfileKind::kBlock) return "--- contention:\ncycles/second=1000000000\n";
  if (profile.kind == ProfileKind::kMutex) return "--- mutex:\ncycles/second=1000000000\nsampling period=1\n";
  int64_t total = 0;
  for (const ProfileSample& sample : profile.samples) total += sample.count;
  return absl::StrCat(NameOfProfile(profile.kind), " profile: total ", total, "\n");
}

}  // namespace

std::string ProfileText(const TaskProfile& profile) {
  std::string text = Head(profile);
  for (const ProfileSample& sample : profile.samples) {
    if (IsContention(profile.kind)) absl::StrAppend(&text, sample.wait_ns, " ");
    absl::StrAppend(&text, sample.count, " @");
    for (size_t i = 0; i < sample.addresses.size(); ++i)
      absl::StrAppend(&text, " 0x", absl::Hex(AddressOf(sample, i)));
    absl::StrAppend(&text, "\n", LabelsText(sample), StackText(sample), "\n");
  }
  return text;
}

}  // namespace stray::analyzer
