// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/log_code.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

// Above all addresses that x86-64 and aarch64 can have. Each module has 2^40 of them, the first is for code in
// none.
constexpr uint64_t kFirstMadeUp = uint64_t{1} << 57;
constexpr uint32_t kMaxModules = 1u << 12;

absl::string_view LastPart(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

bool HasText(const LogFrame& frame) { return !frame.function.empty() || !frame.file.empty(); }

bool IsSamePlace(const LogFrame& a, const LogFrame& b) {
  return a.function == b.function && a.file == b.file && a.line == b.line && a.column == b.column;
}

// How many frames from `begin` on are one address: a function and what it was inlined into. The same place
// twice is a function that calls itself.
size_t InlinedFrames(absl::Span<const LogFrame> frames, size_t begin) {
  const LogFrame& first = frames[begin];
  size_t end = begin + 1;
  const auto continues = [&](const LogFrame& frame) {
    return !first.module.empty() && first.offset != 0 && HasText(frame) && frame.module == first.module &&
           frame.offset == first.offset &&
           std::none_of(frames.begin() + static_cast<ptrdiff_t>(begin),
                        frames.begin() + static_cast<ptrdiff_t>(end),
                        [&](const LogFrame& known) { return IsSamePlace(known, frame); });
  };
  while (end < frames.size() && continues(frames[end])) ++end;
  return end - begin;
}

std::string KeyOf(absl::Span<const LogFrame> inlined, uint32_t module) {
  std::string key = absl::StrCat(module, "+", inlined.front().offset, "@", inlined.front().address);
  for (const LogFrame& frame : inlined) {
    absl::StrAppend(&key, "\n", frame.function, "\n", frame.file, ":", frame.line, ":", frame.column);
  }
  return key;
}

wire::Location LocationOf(const LogFrame& frame) {
  wire::Location location;
  location.set_function(frame.function);
  location.set_file(frame.file);
  location.set_line(frame.line);
  location.set_column(frame.column);
  return location;
}

}  // namespace

uint32_t LogCode::AddModule(const std::string& path, const std::string& build_id) {
  if (path.empty()) return 0;
  const std::string name(LastPart(path));
  auto known = modules_.find(absl::StrCat(name, "\n", build_id));
  // Only the first of several inlined frames tells the build id.
  if (known == modules_.end() && build_id.empty()) known = modules_.find(name);
  if (known != modules_.end()) return known->second;
  if (model_.modules.size() >= kMaxModules) return 0;
  wire::Module& module = model_.modules.emplace_back();
  module.set_id(static_cast<uint32_t>(model_.modules.size()));
  module.set_path(path);
  module.set_build_id(build_id);
  module.set_base(kFirstMadeUp + module.id() * kModuleBytes);
  if (!build_id.empty()) {  // else a file of that name could be another one
    module.set_start(module.base());
    module.set_end(module.base() + kModuleBytes);
  }
  modules_.try_emplace(absl::StrCat(name, "\n", build_id), module.id());
  modules_.try_emplace(name, module.id());
  return module.id();
}

void LogCode::SetModulePath(const std::string& path, const std::string& build_id) {
  const uint32_t id = AddModule(path, build_id);
  if (id != 0) model_.modules[id - 1].set_path(path);
}

// Where the frame stands in its module, unless another one has been told to stand there.
uint64_t LogCode::FreeAddress(const wire::Frame& frame) {
  if (frame.module() != 0 && frame.offset() < kModuleBytes) {
    const uint64_t address = model_.modules[frame.module() - 1].base() + frame.offset();
    if (!taken_.contains(address)) return address;
  }
  return kFirstMadeUp + made_up_++;
}

uint64_t LogCode::AddFrame(absl::Span<const LogFrame> inlined) {
  const LogFrame& first = inlined.front();
  const uint32_t module = AddModule(first.module, first.build_id);
  auto [known, is_new] = frames_.try_emplace(KeyOf(inlined, module));
  if (!is_new) return known->second;
  wire::Frame& frame = model_.frames.emplace_back();
  frame.set_module(module);
  frame.set_offset(first.offset);
  const bool is_real = first.address != 0 && first.address < kFirstMadeUp && !taken_.contains(first.address);
  frame.set_made_up(!is_real);
  frame.set_address(is_real ? first.address : FreeAddress(frame));
  taken_.try_emplace(frame.address(), model_.frames.size() - 1);
  for (const LogFrame& one : inlined) {
    if (HasText(one)) *frame.add_locations() = LocationOf(one);
  }
  return known->second = frame.address();
}

uint32_t LogCode::AddStack(const LogStack& stack) {
  if (stack.frames.empty()) return 0;
  const absl::Span<const LogFrame> frames = absl::MakeConstSpan(stack.frames);
  std::vector<uint64_t> addresses;
  for (size_t i = 0; i < frames.size();) {
    const size_t count = InlinedFrames(frames, i);
    addresses.push_back(AddFrame(frames.subspan(i, count)));
    i += count;
  }
  const bool whole = !stack.cut && !stack.partial;
  auto [known, is_new] =
      stacks_.try_emplace({addresses, whole}, static_cast<uint32_t>(model_.stacks.size() + 1));
  if (!is_new) return known->second;
  wire::Stack& record = model_.stacks.emplace_back();
  record.set_id(known->second);
  record.mutable_addresses()->Add(addresses.begin(), addresses.end());
  record.set_cut(stack.cut);
  record.set_partial(stack.partial);
  return record.id();
}

}  // namespace stray::analyzer
