// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/frames.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/function_name.h"

namespace stray::analyzer {
namespace {

// Longer template argument lists tell a reader nothing.
constexpr size_t kLongestShownArguments = 48;

constexpr absl::string_view kRuntimeModules[] = {
#define STRAY_RUNTIME_MODULE(name) name,
#define STRAY_RUNTIME_FUNCTION(name)
#define STRAY_INTERCEPTED_FUNCTION(name)
#include "analyzer/analysis/runtime_frames.inc"
#undef STRAY_RUNTIME_MODULE
#undef STRAY_RUNTIME_FUNCTION
#undef STRAY_INTERCEPTED_FUNCTION
};

constexpr absl::string_view kRuntimeFunctions[] = {
#define STRAY_RUNTIME_MODULE(name)
#define STRAY_RUNTIME_FUNCTION(name) name,
#define STRAY_INTERCEPTED_FUNCTION(name)
#include "analyzer/analysis/runtime_frames.inc"
#undef STRAY_RUNTIME_MODULE
#undef STRAY_RUNTIME_FUNCTION
#undef STRAY_INTERCEPTED_FUNCTION
};

constexpr absl::string_view kInterceptedFunctions[] = {
#define STRAY_RUNTIME_MODULE(name)
#define STRAY_RUNTIME_FUNCTION(name)
#define STRAY_INTERCEPTED_FUNCTION(name) name,
#include "analyzer/analysis/runtime_frames.inc"
#undef STRAY_RUNTIME_MODULE
#undef STRAY_RUNTIME_FUNCTION
#undef STRAY_INTERCEPTED_FUNCTION
};

template <size_t N>
bool MatchesAny(absl::string_view name, const absl::string_view (&patterns)[N]) {
  return std::any_of(std::begin(patterns), std::end(patterns),
                     [&](absl::string_view pattern) { return MatchesPattern(name, pattern); });
}

bool IsAgent(absl::string_view function, const wire::Module* module) {
  if (module != nullptr && (module->agent() || ModuleName(module) == "libstray_agent.so")) return true;
  return absl::StartsWith(function, "stray::agent::");
}

// Functions of the library that do nothing but call a callable of the program.
constexpr absl::string_view kCallWrappers[] = {
    "std::_Function_handler::_M_invoke",
    "std::thread::_State_impl::_M_run",
    "std::__function::__func::operator()",
    "std::__thread_proxy",
};

// Functions that only lead from the kernel to the first function of a thread or program.
constexpr absl::string_view kBaseFunctions[] = {
    "_start",
    "__libc_start_*",
    "start_thread",
    "clone*",
    "__clone*",
    "execute_native_thread_routine",
    "__tsan_thread_start_func",
    "asan_thread_start*",
    "__sanitizer*ThreadStart*",
    "<std::sys::*>::new::thread_start",
    "std::sys::backtrace::__rust_begin_short_backtrace",
    "core::ops::function::FnOnce::call_once*",
    "<alloc::boxed::Box*>::call_once",
};

// The start of the qualified name that ends before `end`: "a::B<int>::{lambda#1}".
size_t BeginOfName(absl::string_view text, size_t end) {
  size_t begin = end;
  while (begin > 0) {
    char c = text[begin - 1];
    if (c == '>' || c == ')' || c == '}') {
      char open = c == '>' ? '<' : c == ')' ? '(' : '{';
      int depth = 0;
      do {
        --begin;
        depth += text[begin] == c ? 1 : text[begin] == open ? -1 : 0;
      } while (begin > 0 && depth > 0);
    } else if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':') {
      --begin;
    } else {
      break;
    }
  }
  return begin;
}

// Optimized and without debug information, a lambda is inlined into the wrapper that calls it, and only the
// wrapper's template arguments name it. That name then stands for the frame; "" if there is none.
std::string InlinedLambda(const wire::Location& location, const NameStyle& style) {
  absl::string_view function = location.function();
  bool has_lambda = absl::StrContains(function, "lambda") || absl::StrContains(function, "$_");
  if (!location.file().empty() || !has_lambda) return "";
  if (!MatchesAny(BareName(function), kCallWrappers)) return "";
  NameStyle whole = style;
  whole.longest_arguments = 0;
  std::string name = FormatName(function, whole);
  size_t lambda = name.find("{lambda");
  if (lambda == std::string::npos) return "";
  size_t begin = BeginOfName(name, lambda);
  name = name.substr(begin, name.find('}', lambda) + 1 - begin);
  return absl::StartsWith(name, "std::") ? "" : name;
}

NameStyle DisplayStyle() {
  NameStyle style;
  style.anonymous_namespaces = false;
  style.longest_arguments = kLongestShownArguments;
  return style;
}

NameStyle KeyStyle() {
  NameStyle style;
  style.lambda_numbers = false;
  return style;
}

std::string HexAddress(uint64_t address) { return absl::StrCat("0x", absl::Hex(address)); }

std::string AddressName(const FrameView& frame) {
  if (frame.module == nullptr) return frame.made_up ? "??" : HexAddress(frame.address);
  return absl::StrCat(ModuleName(frame.module), "+", HexAddress(frame.offset));
}

bool HasFunction(const FrameView& frame) {
  return frame.location != nullptr && !frame.location->function().empty();
}

std::string NameOf(const FrameView& frame, const NameStyle& style) {
  if (!HasFunction(frame)) return AddressName(frame);
  std::string lambda = frame.role == FrameRole::kUser ? InlinedLambda(*frame.location, style) : "";
  return lambda.empty() ? FormatName(frame.location->function(), style) : lambda;
}

// A run of frames that are no user code, as [begin, end).
FoldedFrame FoldRun(const std::vector<FrameView>& frames, size_t begin, size_t end) {
  FoldedFrame folded;
  folded.folded = end - begin;
  if (end == frames.size()) {
    folded.place = FoldedFrame::Place::kBase;
    folded.frame = frames[begin];
  } else if (begin == 0) {
    folded.place = FoldedFrame::Place::kInside;
    folded.frame = frames[end - 1];
  } else {
    folded.place = FoldedFrame::Place::kMiddle;
    folded.frame = frames[begin];
  }
  return folded;
}

// A wrapper stands for a lambda only if the lambda has no frame of its own further in.
void DemoteWrappers(std::vector<FrameView>& frames) {
  for (size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].role != FrameRole::kUser || !HasFunction(frames[i])) continue;
    std::string lambda = InlinedLambda(*frames[i].location, KeyStyle());
    if (lambda.empty()) continue;
    bool has_frame =
        std::any_of(frames.begin(), frames.begin() + static_cast<ptrdiff_t>(i), [&](const FrameView& f) {
          return f.role == FrameRole::kUser && HasFunction(f) && FunctionKey(f.location->function()) == lambda;
        });
    if (has_frame) frames[i].role = FrameRole::kRuntime;
  }
}

// What the program called last, where its own frame is gone by a tail call: the outermost function that is
// not how a thread or main begins. "std::future<int>::get".
const FrameView* EntryIntoRuntime(const std::vector<FrameView>& frames) {
  auto entry = std::find_if(frames.rbegin(), frames.rend(), [](const FrameView& frame) {
    if (frame.role == FrameRole::kAgent || !HasFunction(frame)) return false;
    std::string name = BareName(frame.location->function());
    return !MatchesAny(name, kBaseFunctions) && !MatchesAny(name, kCallWrappers);
  });
  return entry == frames.rend() ? nullptr : &*entry;
}

}  // namespace

// On a mismatch only the last `*` needs to take one character more: what earlier ones took can stay.
bool MatchesPattern(absl::string_view name, absl::string_view pattern) {
  size_t in_name = 0;
  size_t in_pattern = 0;
  size_t star = absl::string_view::npos;
  size_t star_end = 0;
  while (in_name < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      star_end = in_name;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == name[in_name]) {
      ++in_pattern;
      ++in_name;
    } else if (star != absl::string_view::npos) {
      in_pattern = star + 1;
      in_name = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == absl::string_view::npos;
}

absl::string_view ModuleName(const wire::Module* module) {
  if (module == nullptr) return "";
  absl::string_view path = module->path();
  absl::ConsumeSuffix(&path, " (deleted)");
  size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

FrameRole Classify(const wire::Location& location, const wire::Module* module) {
  if (IsAgent(location.function(), module)) return FrameRole::kAgent;
  if (MatchesAny(ModuleName(module), kRuntimeModules)) return FrameRole::kRuntime;
  // Rust's own libraries, as its compiler names their source.
  if (absl::StartsWith(location.file(), "/rustc/")) return FrameRole::kRuntime;
  // Headers of the C++ library, and the goroutine runtime: gcc's sanitizers print functions without their
  // namespaces.
  for (const char* path : {"/include/c++/", "/include/stray/", "/instrumentation/runtime/"}) {
    if (absl::StrContains(location.file(), path)) return FrameRole::kRuntime;
  }
  if (location.function().empty()) return FrameRole::kUser;
  const std::string name = BareName(location.function());
  if (location.file().empty() && MatchesAny(name, kInterceptedFunctions)) return FrameRole::kRuntime;
  if (!MatchesAny(name, kRuntimeFunctions)) return FrameRole::kUser;
  return InlinedLambda(location, KeyStyle()).empty() ? FrameRole::kRuntime : FrameRole::kUser;
}

const wire::Module* ModuleAt(const ProcessModel& process, uint64_t address) {
  const wire::Module* unloaded = nullptr;
  for (const wire::Module& module : process.modules) {
    if (address < module.start() || address >= module.end()) continue;
    if (!module.unloaded()) return &module;
    unloaded = &module;
  }
  return unloaded;
}

std::vector<FrameView> ExpandFrames(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  std::vector<FrameView> views;
  views.reserve(addresses.size());
  for (uint64_t address : addresses) {
    const wire::Frame* frame = process.FrameAt(address);
    FrameView view;
    view.address = address;
    const bool has_module = frame != nullptr && frame->module() != 0;
    view.module = has_module ? process.FindModule(frame->module()) : ModuleAt(process, address);
    view.made_up = frame != nullptr && frame->made_up();
    if (view.module != nullptr) view.offset = view.made_up ? frame->offset() : address - view.module->base();
    int locations = frame == nullptr ? 0 : frame->locations_size();
    if (locations == 0) {
      view.role = Classify(wire::Location::default_instance(), view.module);
      views.push_back(view);
    }
    for (int i = 0; i < locations; ++i) {
      view.location = &frame->locations(i);
      view.inlined = i + 1 < locations;
      view.role = Classify(*view.location, view.module);
      views.push_back(view);
    }
  }
  DemoteWrappers(views);
  return views;
}

std::optional<FrameView> TopUserFrame(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  // One address at a time: most stacks need only a few.
  for (uint64_t address : addresses) {
    for (const FrameView& frame : ExpandFrames(process, absl::MakeConstSpan(&address, 1))) {
      if (frame.role == FrameRole::kUser) return frame;
    }
  }
  std::vector<FrameView> frames = ExpandFrames(process, addresses);
  if (const FrameView* entry = EntryIntoRuntime(frames)) return *entry;
  auto outside = std::find_if(frames.begin(), frames.end(),
                              [](const FrameView& frame) { return frame.role != FrameRole::kAgent; });
  return outside == frames.end() ? std::nullopt : std::make_optional(*outside);
}

std::optional<FrameView> TopUserFrame(const ProcessModel& process, const wire::Site& site) {
  const wire::Stack* stack = site.stack() == 0 ? nullptr : process.FindStack(site.stack());
  if (stack != nullptr) return TopUserFrame(process, stack->addresses());
  if (site.address() == 0) return std::nullopt;
  uint64_t address = site.address();
  return TopUserFrame(process, absl::MakeConstSpan(&address, 1));
}

std::vector<FoldedFrame> FoldedFrames(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  std::vector<FrameView> frames = ExpandFrames(process, addresses);
  auto is_user = [](const FrameView& frame) { return frame.role == FrameRole::kUser; };
  std::vector<FoldedFrame> folded;
  const FrameView* entry = nullptr;
  if (std::none_of(frames.begin(), frames.end(), is_user)) {
    entry = EntryIntoRuntime(frames);
    if (entry == nullptr) {
      for (const FrameView& frame : frames) {
        if (frame.role != FrameRole::kAgent) folded.push_back({frame, FoldedFrame::Place::kShown, 0});
      }
      return folded;
    }
  }
  auto is_shown = [&](const FrameView& frame) { return is_user(frame) || &frame == entry; };
  for (size_t i = 0; i < frames.size();) {
    if (is_shown(frames[i])) {
      folded.push_back({frames[i++], FoldedFrame::Place::kShown, 0});
      continue;
    }
    auto end = std::find_if(frames.begin() + static_cast<ptrdiff_t>(i), frames.end(), is_shown);
    size_t next = static_cast<size_t>(end - frames.begin());
    folded.push_back(FoldRun(frames, i, next));
    i = next;
  }
  return folded;
}

std::string DisplayName(absl::string_view function) { return FormatName(function, DisplayStyle()); }
std::string DisplayName(const FrameView& frame) { return NameOf(frame, DisplayStyle()); }

std::string FunctionKey(absl::string_view function) { return FormatName(function, KeyStyle()); }
std::string FunctionKey(const FrameView& frame) { return NameOf(frame, KeyStyle()); }

std::string BareName(absl::string_view function) {
  NameStyle style;
  style.template_arguments = false;
  style.anonymous_namespaces = false;
  style.lambda_numbers = false;
  return FormatName(function, style);
}

}  // namespace stray::analyzer
