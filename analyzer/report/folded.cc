// SPDX-License-Identifier: Apache-2.0
// folded.cc: stacks as single lines, outermost first, with a weight: what flame graphs are drawn from.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/task_profile.h"
#include "analyzer/report/task_stack.h"

namespace stray::analyzer {
namespace {

// A semicolon would end the frame.
std::string FrameText(absl::string_view name) { return absl::StrReplaceAll(Printable(name), {{";", ":"}}); }

std::string LineOf(const ProfileSample& sample) {
  std::vector<std::string> frames = {FrameText(ProgramName(*sample.process))};
  const std::vector<FrameView> views = FramesToShow(*sample.process, sample.addresses);
  for (auto view = views.rbegin(); view != views.rend(); ++view)
    frames.push_back(FrameText(DisplayName(*view)));
  if (!sample.placeholder.empty()) frames.push_back(sample.placeholder);
  for (const ProfileLabel& label : sample.labels) {
    if (label.key == "wait_reason") frames.push_back(absl::StrCat("[", FrameText(label.text), "]"));
  }
  return absl::StrJoin(frames, ";");
}

}  // namespace

std::string FoldedText(const TaskProfile& profile) {
  std::map<std::string, uint64_t> weights;
  for (const ProfileSample& sample : profile.samples)
    weights[LineOf(sample)] +=
        static_cast<uint64_t>(IsContention(profile.kind) ? sample.wait_ns : sample.count);
  std::string text;
  for (const auto& [line, weight] : weights) absl::StrAppend(&text, line, " ", weight, "\n");
  return text;
}

}  // namespace stray::analyzer
