// SPDX-License-Identifier: Apache-2.0
// pprof.cc: a profile for `go tool pprof` and all else that reads profile.proto.
//
// Tried and dropped
//   - The time of each wait as a label of every sample: no two tasks wait equally long, so nothing is summed up
//     any more. It stands in profiles of single tasks; sums are a second value.
//   - A fixed list of functions to hide: what lies between user code and the kernel differs from library to
//     library. The list is made of this profile's own stacks; to it come the usual ones, since of two profiles
//     that are compared pprof uses the list of one.
#include <zlib.h>

#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/pprof/profile.pb.h"
#include "analyzer/report/page.h"
#include "analyzer/report/task_profile.h"

namespace stray::analyzer {
namespace {

// How threads and goroutines come to wait everywhere.
constexpr const char* kUsualWaits[] = {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) word,
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
    "___pthread_mutex_lock",
    "___pthread_cond_wait",
    "__futex_abstimed_wait_common",
    "__futex_abstimed_wait_common64",
    "__lll_lock_wait",
    "__pthread_clockjoin_ex",
    "std::condition_variable::wait",
    "std::mutex::lock",
    "std::thread::join",
    "stray::detail::WaitServed",
    "stray::runtime::SwitchToMachine",
};

// A function of its own: "pthread_mutex_lock", not "read", which a program may have one of, too, nor "chan
// send".
bool IsFunctionOfTheSystem(absl::string_view word) {
  return (absl::StrContains(word, "_") || absl::StrContains(word, "::")) && !absl::StrContains(word, " ");
}

// The function of `view`, as profiles call it; "" where nothing but the address is known.
std::string FunctionOf(const FrameView& view) {
  if (view.location == nullptr || view.location->function().empty()) return "";
  return Printable(DisplayName(view));
}

// `text`, so that it matches itself.
std::string Escaped(absl::string_view text) {
  std::string result;
  for (char c : text) {
    if (absl::string_view("\\.+*?()|[]{}^$").find(c) != absl::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// Functions that only ever stand below all user code: how it came to wait. A function with parentheses in its
// name is left out, as pprof matches only what stands in front of them.
std::string FunctionsToHide(const TaskProfile& profile) {
  std::set<std::string> below;
  std::set<std::string> above;
  for (const absl::string_view word : kUsualWaits) {
    if (IsFunctionOfTheSystem(word)) below.emplace(word);
  }
  absl::flat_hash_map<std::pair<const ProcessModel*, std::vector<uint64_t>>, bool> seen;
  for (const ProfileSample& sample : profile.samples) {
    if (!seen.try_emplace({sample.process, sample.addresses}, true).second) continue;
    bool is_below = true;
    std::vector<std::string> pending;  // below user code, if there is any
    for (const FrameView& view : ExpandFrames(*sample.process, sample.addresses)) {
      if (view.role == FrameRole::kAgent) continue;
      is_below = is_below && view.role != FrameRole::kUser;
      const std::string name = FunctionOf(view);
      if (name.empty() || name.find('(') != std::string::npos) continue;
      if (is_below) {
        pending.push_back(name);
      } else {
        above.insert(name);
      }
    }
    if (!is_below) below.insert(pending.begin(), pending.end());
  }
  std::vector<std::string> patterns;
  for (const std::string& name : below) {
    if (above.count(name) == 0) patterns.push_back(Escaped(name));
  }
  return absl::StrJoin(patterns, "|");
}

class PprofWriter {
 public:
  explicit PprofWriter(const TaskProfile& profile) : profile_(profile) { Text(""); }

  pprof::Profile Write() {
    WriteTypes();
    for (const ProfileSample& sample : profile_.samples) MapProgram(*sample.process);
    for (const ProfileSample& sample : profile_.samples) WriteSample(sample);
    out_.set_drop_frames(Text(FunctionsToHide(profile_)));
    out_.set_time_nanos(profile_.time_ns);
    if (profile_.duration_ns != 0) out_.set_duration_nanos(profile_.duration_ns);
    for (const std::string& comment : profile_.comments) out_.add_comment(Text(comment));
    return std::move(out_);
  }

 private:
  int64_t Text(absl::string_view text) {
    const auto [it, is_new] = texts_.try_emplace(std::string(text), out_.string_table_size());
    if (is_new) out_.add_string_table(std::string(text));
    return it->second;
  }

  void SetType(absl::string_view type, absl::string_view unit, pprof::ValueType* out) {
    out->set_type(Text(type));
    out->set_unit(Text(unit));
  }

  void WriteTypes() {
    const bool contention = IsContention(profile_.kind);
    const std::string first = contention ? "contentions" : NameOfProfile(profile_.kind);
    SetType(first, "count", out_.add_sample_type());
    // Nobody waits where a thread is created.
    if (profile_.kind != ProfileKind::kThreadCreate)
      SetType(contention ? "delay" : "wait", "nanoseconds", out_.add_sample_type());
    SetType(first, "count", out_.mutable_period_type());
    out_.set_period(1);
    out_.set_default_sample_type(Text(contention ? "delay" : first));
  }

  // The program comes first among the mappings: pprof names the profile by it.
  void MapProgram(const ProcessModel& process) {
    if (!mapped_.insert(&process).second) return;
    for (const wire::Module& module : process.modules) {
      if (module.path() == process.process.program()) MappingOf(process, module);
    }
  }

  uint64_t MappingOf(const ProcessModel& process, const wire::Module& module) {
    const auto [it, is_new] = mappings_.try_emplace({&process, module.id()}, out_.mapping_size() + 1);
    if (!is_new) return it->second;
    pprof::Mapping* mapping = out_.add_mapping();
    mapping->set_id(it->second);
    mapping->set_memory_start(module.start());
    mapping->set_memory_limit(module.end());
    mapping->set_filename(Text(Printable(module.path())));
    mapping->set_build_id(Text(Printable(module.build_id())));
    mapping->set_has_functions(true);
    mapping->set_has_filenames(true);
    mapping->set_has_line_numbers(true);
    mapping->set_has_inline_frames(true);
    return it->second;
  }

  uint64_t FunctionId(const std::string& name, const std::string& system_name, const std::string& file,
                      uint32_t start_line) {
    const auto [it, is_new] =
        functions_.try_emplace(std::make_tuple(name, system_name, file, start_line), out_.function_size() + 1);
    if (!is_new) return it->second;
    pprof::Function* function = out_.add_function();
    function->set_id(it->second);
    function->set_name(Text(name));
    function->set_system_name(Text(system_name));
    function->set_filename(Text(file));
    function->set_start_line(start_line);
    return it->second;
  }

  // 0: a frame of the agent, which is not of the program.
  uint64_t LocationId(const ProcessModel& process, uint64_t address, bool exact) {
    const auto [it, is_new] = locations_.try_emplace(std::make_tuple(&process, address, exact), 0);
    if (!is_new) return it->second;
    const std::vector<FrameView> views = ExpandFrames(process, absl::MakeConstSpan(&address, 1));
    if (views.empty() || views.back().role == FrameRole::kAgent) return 0;
    pprof::Location* location = out_.add_location();
    location->set_id(static_cast<uint64_t>(out_.location_size()));
    const FrameView& last = views.back();
    if (last.module != nullptr) location->set_mapping_id(MappingOf(process, *last.module));
    if (!last.made_up) location->set_address(exact || address == 0 ? address : address - 1);
    for (const FrameView& view : views) WriteLine(view, location);
    return it->second = location->id();
  }

  void WriteLine(const FrameView& view, pprof::Location* location) {
    const std::string name = FunctionOf(view);
    if (name.empty()) return;
    pprof::Line* line = location->add_line();
    line->set_function_id(FunctionId(name, Printable(view.location->function()),
                                     Printable(view.location->file()), view.location->start_line()));
    line->set_line(view.location->line());
    line->set_column(view.location->column());
  }

  uint64_t PlaceholderId(const std::string& text) {
    const auto [it, is_new] = placeholders_.try_emplace(text, 0);
    if (!is_new) return it->second;
    pprof::Location* location = out_.add_location();
    location->set_id(static_cast<uint64_t>(out_.location_size()));
    location->add_line()->set_function_id(FunctionId(text, text, "", 0));
    return it->second = location->id();
  }

  void WriteSample(const ProfileSample& sample) {
    pprof::Sample* out = out_.add_sample();
    for (size_t i = 0; i < sample.addresses.size(); ++i) {
      const uint64_t id = LocationId(*sample.process, sample.addresses[i], i == 0 && sample.first_is_exact);
      if (id != 0) out->add_location_id(id);
    }
    if (!sample.placeholder.empty()) out->add_location_id(PlaceholderId(sample.placeholder));
    out->add_value(sample.count);
    if (profile_.kind != ProfileKind::kThreadCreate) out->add_value(sample.wait_ns);
    for (const ProfileLabel& label : sample.labels) {
      pprof::Label* written = out->add_label();
      written->set_key(Text(label.key));
      if (label.unit.empty()) {
        written->set_str(Text(label.text));
      } else {
        written->set_num(label.number);
        written->set_num_unit(Text(label.unit));
      }
    }
  }

  const TaskProfile& profile_;
  pprof::Profile out_;
  absl::flat_hash_map<std::string, int64_t> texts_;
  std::set<const ProcessModel*> mapped_;
  absl::flat_hash_map<std::pair<const ProcessModel*, uint32_t>, uint64_t> mappings_;
  absl::flat_hash_map<std::tuple<std::string, std::string, std::string, uint32_t>, uint64_t> functions_;
  absl::flat_hash_map<std::tuple<const ProcessModel*, uint64_t, bool>, uint64_t> locations_;
  absl::flat_hash_map<std::string, uint64_t> placeholders_;
};

// The same input gives the same bytes: the header names no time.
std::string Gzipped(const std::string& bytes) {
  constexpr int kGzip = 15 + 16;
  constexpr int kMemoryLevel = 8;
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    std::abort();  // no memory: as for every other allocation
  std::string result(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

}  // namespace

std::string PprofProfile(const TaskProfile& profile) {
  return Gzipped(PprofWriter(profile).Write().SerializeAsString());
}

}  // namespace stray::analyzer
