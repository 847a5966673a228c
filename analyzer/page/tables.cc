// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/tables.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/task_stack.h"

namespace stray::analyzer {
namespace {

// The number of `key` in `numbers`, which counts from 1; 0 for an empty key.
Number NumberOf(const std::string& key, absl::flat_hash_map<std::string, Number>& numbers) {
  if (key.empty()) return 0;
  return numbers.try_emplace(key, static_cast<Number>(numbers.size() + 1)).first->second;
}

// User functions from the place where the task stands, each once in a row, as they are called from build to
// build.
std::string FunctionsKey(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  std::vector<std::string> functions;
  for (const FrameView& view : FramesToShow(process, addresses)) {
    if (view.role != FrameRole::kUser) continue;
    std::string function = FunctionKey(view);
    if (functions.empty() || functions.back() != function) functions.push_back(std::move(function));
  }
  return absl::StrJoin(functions, "\n");
}

}  // namespace

Number Texts::Of(absl::string_view text) {
  const auto [it, is_new] = numbers_.try_emplace(std::string(text), static_cast<Number>(texts_.size()));
  if (is_new) texts_.push_back(Printable(text));
  return it->second;
}

Number Lists::Of(std::vector<Number> list) {
  const auto [it, is_new] = numbers_.try_emplace(list, static_cast<Number>(lists_.size()));
  if (is_new) lists_.push_back(std::move(list));
  return it->second;
}

Stacks::Stacks(Texts& texts, bool quotes) : texts_(texts), quotes_(quotes), frames_(1), stacks_(1) {}

Number Stacks::SourceOf(const ProcessModel& process, const FrameView& view) {
  // Of a log nobody knows when it was written: the source may have changed since.
  if (!quotes_ || view.role != FrameRole::kUser || view.location == nullptr || !process.process.log().empty())
    return 0;
  return texts_.Of(sources_
                       .Find(view.location->file(), view.location->line(), process.process.working_directory(),
                             process.process.start_realtime_ns())
                       .value_or(""));
}

Number Stacks::OfFrame(const ProcessModel& process, const FrameView& view) {
  const int role = static_cast<int>(view.role);
  const FrameKey key = {&process, view.address, view.location, role * 2 + view.inlined};
  const auto [known, is_new_key] = frame_by_key_.try_emplace(key, 0);
  if (!is_new_key) return known->second;
  Frame frame;
  frame.function = texts_.Of(DisplayName(view));
  frame.file = texts_.Of(view.location == nullptr ? "" : view.location->file());
  frame.line = view.location == nullptr ? 0 : view.location->line();
  frame.module = texts_.Of(view.module == nullptr ? "" : view.module->path());
  frame.place = texts_.Of(PlaceOf(process, view));
  frame.role = role;
  frame.inlined = view.inlined;
  const auto [it, is_new] =
      frame_by_words_.try_emplace({frame.function, frame.file, frame.place, frame.line, role, view.inlined},
                                  static_cast<Number>(frames_.size()));
  if (is_new) {
    frame.source = SourceOf(process, view);
    frames_.push_back(frame);
  }
  return known->second = it->second;
}

std::vector<Number> Stacks::FoldsOf(const ProcessModel& process, absl::Span<const uint64_t> addresses,
                                    size_t frames) {
  std::vector<Number> folds;
  size_t at = 0;
  for (const FoldedFrame& entry : FoldedFrames(process, addresses)) {
    const size_t count = entry.folded == 0 ? 1 : entry.folded;
    if (entry.folded != 0) folds.insert(folds.end(), {static_cast<Number>(at), static_cast<Number>(count)});
    at += count;
  }
  return at == frames ? folds : std::vector<Number>();
}

Number Stacks::OfStack(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  Stack stack;
  for (const FrameView& view : ExpandFrames(process, addresses)) stack.frames.push_back(OfFrame(process, view));
  if (stack.frames.empty()) return 0;
  const auto [it, is_new] = by_frames_.try_emplace(stack.frames, static_cast<Number>(stacks_.size()));
  if (!is_new) return it->second;
  stack.folds = FoldsOf(process, addresses, stack.frames.size());
  if (const std::optional<FrameView> site = TopUserFrame(process, addresses); site.has_value())
    stack.site = OfFrame(process, *site);
  stack.code = NumberOf(StackKey(process, addresses), codes_);
  stack.functions = NumberOf(FunctionsKey(process, addresses), functions_);
  stacks_.push_back(std::move(stack));
  return it->second;
}

Number Stacks::OfAddresses(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  if (addresses.empty()) return 0;
  std::pair<const ProcessModel*, std::vector<uint64_t>> key(&process, {addresses.begin(), addresses.end()});
  const auto [it, is_new] = by_addresses_.try_emplace(std::move(key), 0);
  return is_new ? it->second = OfStack(process, addresses) : it->second;
}

Number Stacks::OfId(const ProcessModel& process, uint32_t id) {
  const auto [it, is_new] = by_id_.try_emplace(std::make_pair(&process, id), 0);
  if (!is_new) return it->second;
  const wire::Stack* stack = process.FindStack(id);
  if (stack == nullptr) return 0;
  return it->second = OfAddresses(process, absl::MakeConstSpan(stack->addresses().data(),
                                                               static_cast<size_t>(stack->addresses_size())));
}

Number Stacks::FrameOf(const ProcessModel& process, const wire::Site& site) {
  if (site.stack() != 0) return FrameOfStack(process, site.stack());
  if (site.address() == 0) return 0;
  const std::optional<FrameView> view = TopUserFrame(process, site);
  return view.has_value() ? OfFrame(process, *view) : 0;
}

Number Stacks::FrameOfStack(const ProcessModel& process, uint32_t id) {
  return stacks_[OfId(process, id)].site;
}

Json Stacks::FramesJson() const {
  std::vector<Number> function, file, line, module, place, source, role, inlined;
  for (const Frame& frame : frames_) {
    function.push_back(frame.function);
    file.push_back(frame.file);
    line.push_back(frame.line);
    module.push_back(frame.module);
    place.push_back(frame.place);
    source.push_back(frame.source);
    role.push_back(static_cast<Number>(frame.role));
    inlined.push_back(frame.inlined ? 1 : 0);
  }
  return {{"count", frames_.size()},      {"function", ColumnJson(function)}, {"file", ColumnJson(file)},
          {"line", ColumnJson(line)},     {"module", ColumnJson(module)},     {"place", ColumnJson(place)},
          {"source", ColumnJson(source)}, {"role", ColumnJson(role)},         {"inlined", ColumnJson(inlined)}};
}

Json Stacks::StacksJson() const {
  std::vector<std::vector<Number>> frames, folds;
  std::vector<Number> site, code, functions;
  for (const Stack& stack : stacks_) {
    frames.push_back(stack.frames);
    folds.push_back(stack.folds);
    site.push_back(stack.site);
    code.push_back(stack.code);
    functions.push_back(stack.functions);
  }
  return {{"count", stacks_.size()},  {"frames", frames},         {"folds", folds},
          {"site", ColumnJson(site)}, {"code", ColumnJson(code)}, {"functions", ColumnJson(functions)}};
}

}  // namespace stray::analyzer
