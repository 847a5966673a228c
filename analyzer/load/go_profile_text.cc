// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_profile_text.h"

#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/load/go_stack.h"
#include "analyzer/load/log_report.h"
#include "analyzer/load/utf8.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kTotal = " profile: total ";
constexpr size_t kMostAddresses = 4096;

// "shop.(*Cart).flush+0x57" without the offset.
absl::string_view WithoutOffset(absl::string_view function) {
  return function.substr(0, function.rfind("+0x"));
}

LogFrame ParseAddress(absl::string_view address, absl::string_view) {
  LogFrame frame;
  ParseHex(address, frame.address);
  return frame;
}

}  // namespace

LogLabels ParseProfileLabels(absl::string_view text) {
  LogLabels labels;
  const auto json =
      nlohmann::ordered_json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return labels;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) labels.emplace_back(ToUtf8(key), ToUtf8(value.get<std::string>()));
  }
  return labels;
}

// "NAME profile: total N", "--- contention:", "--- mutex:".
bool GoProfileReader::TakeHead() {
  absl::string_view line = lines_.line();
  total_ = 0;
  if (line == "--- contention:" || line == "--- mutex:") {
    name_ = line == "--- mutex:" ? "mutex" : "block";
    has_cycles_ = true;
    return true;
  }
  const size_t at = line.find(kTotal);
  if (at == absl::string_view::npos || at == 0) return false;
  absl::string_view number = line.substr(at + kTotal.size());
  if (!ConsumeNumber(number, total_) || !number.empty()) return false;
  // A prefix of the log's is no part of the name.
  absl::string_view name = line.substr(0, at);
  name = name.substr(name.rfind(' ') == absl::string_view::npos ? 0 : name.rfind(' ') + 1);
  if (name.size() < at) lines_.SetPrefixBefore(line.substr(at - name.size()));
  name_ = ToUtf8(name);
  has_cycles_ = false;
  return true;
}

bool GoProfileReader::ParseGroup(absl::string_view line, Group& group) const {
  group = {};
  if (has_cycles_ && (!ConsumeNumber(line, group.cycles) || !absl::ConsumePrefix(&line, " "))) return false;
  if (!ConsumeNumber(line, group.count) || !absl::ConsumePrefix(&line, " @")) return false;
  while (absl::ConsumePrefix(&line, " ")) {
    uint64_t address = 0;
    if (!ConsumeAddress(line, address)) return false;
    if (group.addresses.size() < kMostAddresses) group.addresses.push_back(address);
  }
  return line.empty();
}

// "#	0x4e28f7	shop.(*Cart).flush+0x57	app/cart.go:81", with as many tabs as line the columns up.
bool GoProfileReader::TakeFrame(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "#")) return false;
  const auto next_column = [&line] {
    while (!line.empty() && (line.front() == '\t' || line.front() == ' ')) line.remove_prefix(1);
    const size_t end = line.find('\t');
    const absl::string_view column = line.substr(0, end);
    line.remove_prefix(column.size());
    return absl::StripSuffix(column, " ");
  };
  const absl::string_view address = next_column();
  if (!absl::StartsWith(address, "0x")) return false;
  const absl::string_view function = WithoutOffset(next_column());
  const absl::string_view place = next_column();
  if (function.empty() && address == "0x0") return true;  // of a thread that was there from the start
  if (function.empty()) {
    listing_->stacks().Add(address, "", ParseAddress);
  } else {
    listing_->stacks().Add(function, place, ParseGoFrame);
  }
  return true;
}

void GoProfileReader::AddGroup(const Group& group, uint32_t stack, const LogLabels& labels) {
  counted_ += group.count;
  const bool leaked = name_ == "goroutineleak";
  if (!leaked && name_ != "goroutine") {
    const double delay = cycles_per_ns_ > 0 ? static_cast<double>(group.cycles) / cycles_per_ns_ : 0;
    const uint64_t delay_ns = delay < 9e18 ? static_cast<uint64_t>(std::llround(delay)) : 0;
    return listing_->AddSite(name_, stack, group.count, delay_ns);
  }
  std::vector<absl::string_view> functions;
  for (size_t i = 0; i < listing_->stacks().size(); ++i) functions.push_back(listing_->stacks().FunctionAt(i));
  CountedTasks tasks;
  tasks.count = listings_.RoomForCounted(group.count);
  tasks.stack = stack;
  tasks.wait_reason = std::string(WaitOfFrames(functions));
  tasks.is_main = IsMainGoroutine(functions);
  tasks.told = leaked ? "leaked" : "";
  listing_->AddCounted(tasks, labels);
}

// The lines below a group. One without names has its addresses.
void GoProfileReader::ReadGroup(const Group& group) {
  LogLabels labels;
  listing_->stacks().Begin();
  while (lines_.Next()) {
    absl::string_view line = lines_.line();
    if (absl::ConsumePrefix(&line, "# labels: ")) {
      labels = ParseProfileLabels(line);
    } else if (!TakeFrame(line)) {
      if (!line.empty()) lines_.Again();
      break;
    }
  }
  if (!listing_->stacks().HasFrames()) {
    for (const uint64_t address : group.addresses) {
      listing_->stacks().Add(absl::StrCat("0x", absl::Hex(address)), "", ParseAddress);
    }
  }
  AddGroup(group, listing_->stacks().End(), labels);
}

void GoProfileReader::CheckTotal(size_t line, bool at_end) {
  if (counted_ >= total_) return;
  listings_.AddDamage(
      line, absl::StrCat("the ", name_, " profile that begins here counts ", total_, ", but only ", counted_,
                         at_end ? " are in it: it was cut" : " are in it"));
}

bool GoProfileReader::Take() {
  const size_t begin = lines_.number();
  if (!TakeHead()) return false;
  listing_ = &listings_.Begin(begin);
  cycles_per_ns_ = 0;
  counted_ = 0;
  bool at_end = true;
  while (lines_.Next()) {
    absl::string_view line = lines_.line();
    Group group;
    if (ParseGroup(line, group)) {
      ReadGroup(group);
      continue;
    }
    if (line.empty()) continue;
    double rate = 0;
    if (absl::ConsumePrefix(&line, "cycles/second=")) {
      if (absl::SimpleAtod(line, &rate) && rate > 0) cycles_per_ns_ = rate / 1e9;
    } else if (!absl::StartsWith(line, "sampling period=")) {
      lines_.Again();
      at_end = false;
      break;
    }
  }
  CheckTotal(begin, at_end);
  return true;
}

}  // namespace stray::analyzer
