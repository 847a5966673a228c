// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/pprof_profile.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/listings.h"
#include "analyzer/load/utf8.h"
#include "analyzer/pprof/profile.pb.h"

namespace stray::analyzer {
namespace {

namespace io = google::protobuf::io;

constexpr absl::string_view kGzip{"\x1f\x8b", 2};
constexpr size_t kMaxBytes = size_t{1} << 30;  // of a profile, without compression
constexpr size_t kSmallestGzip = 18;           // head and end
constexpr uint32_t kLastField = 15;            // of Profile

// True if all of `bytes` are fields that a Profile has, at the outermost level.
bool HasFieldsOfProfile(absl::string_view bytes) {
  io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  bool has_type = false;
  while (const uint32_t tag = in.ReadTag()) {
    const uint32_t field = tag >> 3;
    const uint32_t wire_type = tag & 7;
    if (field == 0 || field > kLastField) return false;
    has_type = has_type || field == 1;
    uint64_t number = 0;
    if (wire_type == 0) {
      if (!in.ReadVarint64(&number)) return false;
    } else if (wire_type != 2 || !in.ReadVarint64(&number) || number > bytes.size() ||
               !in.Skip(static_cast<int>(number))) {
      return false;
    }
  }
  return has_type && in.ConsumedEntireMessage();
}

// Reads what is compressed. False if it is damaged or cut; `plain` has what came before.
bool Inflate(absl::string_view bytes, std::string& plain) {
  io::ArrayInputStream compressed(bytes.data(), static_cast<int>(bytes.size()));
  io::GzipInputStream in(&compressed, io::GzipInputStream::GZIP);
  const void* piece = nullptr;
  int size = 0;
  while (plain.size() < kMaxBytes && in.Next(&piece, &size))
    plain.append(static_cast<const char*>(piece), size);
  // The stream takes the end of what is there for the end of what is compressed; the last word says how long it
  // is.
  uint32_t size_at_end = 0;
  std::memcpy(&size_at_end, bytes.data() + bytes.size() - sizeof(size_at_end), sizeof(size_at_end));
  return size_at_end == plain.size() && plain.size() < kMaxBytes;
}

// What the values of a sample mean.
struct Columns {
  std::string name;  // goroutine, goroutineleak, threadcreate, block
  int count = -1;    // place of the value that counts
  int delay = -1;    // of nanoseconds that were waited in all
  int wait = -1;     // of nanoseconds that tasks have waited, all together
};

class ProfileReader {
 public:
  ProfileReader(const pprof::Profile& profile, const std::string& name)
      : profile_(profile), name_(name), listings_(name), listing_(listings_.Begin(1)) {}

  absl::StatusOr<Model> Read(bool cut);

 private:
  std::string Text(int64_t index) const;
  bool FindColumns();
  std::string TypesText() const;
  void IndexTables();
  uint32_t AddStack(const pprof::Sample& sample);
  void AddLocation(uint64_t id);
  void AddSample(const pprof::Sample& sample);
  void AddTasks(const pprof::Sample& sample, uint64_t count, uint32_t stack);

  const pprof::Profile& profile_;
  const std::string& name_;
  Listings listings_;
  TaskListing& listing_;
  Columns columns_;
  absl::flat_hash_map<uint64_t, const pprof::Location*> locations_;
  absl::flat_hash_map<uint64_t, const pprof::Function*> functions_;
  std::vector<std::string> names_;  // of the frames of the stack at hand
  uint64_t dangling_ = 0;           // references to nothing
  uint64_t negative_ = 0;
};

std::string ProfileReader::Text(int64_t index) const {
  return index > 0 && index < profile_.string_table_size()
             ? ToUtf8(profile_.string_table(static_cast<int>(index)))
             : std::string();
}

bool ProfileReader::FindColumns() {
  for (int i = 0; i < profile_.sample_type_size(); ++i) {
    const std::string type = Text(profile_.sample_type(i).type());
    const std::string unit = Text(profile_.sample_type(i).unit());
    const bool counts = unit == "count";
    if (counts && (type == "goroutine" || type == "goroutines")) columns_.name = "goroutine";
    if (counts && type == "goroutineleak") columns_.name = type;
    if (counts && type == "threadcreate") columns_.name = type;
    if (counts && type == "contentions") columns_.name = "contention";
    if (!columns_.name.empty() && columns_.count < 0) columns_.count = i;
    if (unit == "nanoseconds" && type == "delay") columns_.delay = i;
    if (unit == "nanoseconds" && type == "wait") columns_.wait = i;
  }
  return columns_.count >= 0;
}

std::string ProfileReader::TypesText() const {
  std::string text;
  for (const pprof::ValueType& type : profile_.sample_type()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", Text(type.type()), "/", Text(type.unit()));
  }
  return text.empty() ? "nothing" : text;
}

void ProfileReader::IndexTables() {
  for (const pprof::Location& location : profile_.location()) locations_.emplace(location.id(), &location);
  for (const pprof::Function& function : profile_.function()) functions_.emplace(function.id(), &function);
}

LogFrame ParsePprofFrame(absl::string_view function, absl::string_view place) {
  LogFrame frame;
  frame.function = std::string(function);
  if (absl::StartsWith(place, "0x")) {
    ParseHex(place, frame.address);
  } else {
    ParsePlace(place, frame);
  }
  return frame;
}

void ProfileReader::AddLocation(uint64_t id) {
  const auto known = locations_.find(id);
  if (known == locations_.end()) {
    ++dangling_;
    return listing_.stacks().SetPartial();
  }
  const pprof::Location& location = *known->second;
  if (location.line_size() == 0) {
    return listing_.stacks().Add("", absl::StrCat("0x", absl::Hex(location.address())), ParsePprofFrame);
  }
  for (const pprof::Line& line : location.line()) {
    const auto function = functions_.find(line.function_id());
    if (function == functions_.end()) ++dangling_;
    const bool is_known = function != functions_.end();
    const std::string file = is_known ? Text(function->second->filename()) : "";
    names_.push_back(is_known ? Text(function->second->name()) : "?");
    const bool has_line = line.line() > 0 && line.line() <= INT32_MAX;
    listing_.stacks().Add(names_.back(), has_line ? absl::StrCat(file, ":", line.line()) : file,
                          ParsePprofFrame);
  }
}

uint32_t ProfileReader::AddStack(const pprof::Sample& sample) {
  names_.clear();
  listing_.stacks().Begin();
  for (const uint64_t id : sample.location_id()) AddLocation(id);
  return listing_.stacks().End();
}

void ProfileReader::AddTasks(const pprof::Sample& sample, uint64_t count, uint32_t stack) {
  LogLabels labels;
  CountedTasks tasks;
  tasks.told = columns_.name == "goroutineleak" ? "leaked" : "";
  for (const pprof::Label& label : sample.label()) {
    const std::string key = Text(label.key());
    const std::string text = label.str() != 0 ? Text(label.str()) : absl::StrCat(label.num());
    if (key == "wait_reason") {
      tasks.wait_reason = text;
    } else if (key == "state") {
      tasks.state = text;
    } else if (key == "wait" && label.str() == 0 && label.num() > 0) {
      tasks.wait_ns = static_cast<uint64_t>(label.num());
    } else {
      labels.emplace_back(key, text);
    }
  }
  if (columns_.wait >= 0 && columns_.wait < sample.value_size() && sample.value(columns_.wait) > 0) {
    tasks.wait_ns = static_cast<uint64_t>(sample.value(columns_.wait)) / count;
  }
  const std::vector<absl::string_view> functions(names_.begin(), names_.end());
  tasks.is_main = IsMainGoroutine(functions);
  if (tasks.wait_reason.empty()) {
    tasks.wait_reason = std::string(WaitOfFrames(functions));
  }
  tasks.count = listings_.RoomForCounted(count);
  tasks.stack = stack;
  listing_.AddCounted(tasks, labels);
}

void ProfileReader::AddSample(const pprof::Sample& sample) {
  if (columns_.count >= sample.value_size()) {
    ++dangling_;
    return;
  }
  // The difference of two profiles counts what has gone as less than nothing.
  const int64_t count = sample.value(columns_.count);
  if (count <= 0) {
    negative_ += count < 0;
    return;
  }
  const uint32_t stack = AddStack(sample);
  if (columns_.name == "goroutine" || columns_.name == "goroutineleak") {
    return AddTasks(sample, static_cast<uint64_t>(count), stack);
  }
  const int64_t delay =
      columns_.delay >= 0 && columns_.delay < sample.value_size() ? sample.value(columns_.delay) : 0;
  listing_.AddSite(columns_.name, stack, static_cast<uint64_t>(count),
                   delay > 0 ? static_cast<uint64_t>(delay) : 0);
}

absl::StatusOr<Model> ProfileReader::Read(bool cut) {
  if (!FindColumns()) {
    if (cut)
      return absl::DataLossError(absl::StrCat(name_, ": the profile was cut: nothing of it can be read"));
    return absl::InvalidArgumentError(absl::StrCat(
        name_, ": a pprof profile of ", TypesText(),
        ": it says nothing of tasks; those of goroutine, goroutineleak, threadcreate, block and mutex do"));
  }
  IndexTables();
  for (const pprof::Sample& sample : profile_.sample()) AddSample(sample);
  if (cut) listings_.AddDamage(0, "it was cut or is damaged: what comes after is missing");
  if (dangling_ > 0) listings_.AddDamage(0, absl::StrCat(dangling_, " of its references lead to nothing"));
  if (negative_ > 0) {
    listing_.AddNote(absl::StrCat("it is the difference of two profiles: ", negative_,
                                  " stacks of which there are fewer now are left out"));
  }
  return listings_.Finish();
}

}  // namespace

bool LooksLikePprof(absl::string_view bytes) {
  if (absl::StartsWith(bytes, kGzip)) return true;
  return bytes.size() > 2 && bytes.size() < kMaxBytes && bytes[0] == '\x0a' && HasFieldsOfProfile(bytes);
}

absl::StatusOr<Model> ReadPprof(absl::string_view bytes, const std::string& name) {
  std::string plain;
  bool cut = false;
  if (absl::StartsWith(bytes, kGzip)) {
    if (bytes.size() < kSmallestGzip) return absl::DataLossError(absl::StrCat(name, ": cut"));
    if (bytes.size() >= kMaxBytes) return absl::ResourceExhaustedError(absl::StrCat(name, ": too large"));
    cut = !Inflate(bytes, plain);
    bytes = plain;
    if (bytes.empty())
      return absl::DataLossError(absl::StrCat(name, ": what is compressed in it cannot be read"));
  }
  pprof::Profile profile;
  const bool whole = profile.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()));
  // Tables stand behind the samples: of a profile that is cut nothing is left but numbers.
  if (!whole) {
    return cut ? absl::DataLossError(absl::StrCat(name, ": the profile was cut: nothing of it can be read"))
               : absl::InvalidArgumentError(absl::StrCat(name, ": compressed, but no pprof profile"));
  }
  return ProfileReader(profile, name).Read(cut);
}

}  // namespace stray::analyzer
