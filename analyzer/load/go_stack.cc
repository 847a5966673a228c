// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_stack.h"

#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "analyzer/load/log_report.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

constexpr int kMostForeignLines = 3;  // in a row; after more the stack has ended
constexpr uint32_t kMaxAncestors = 32;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

size_t LastOf(absl::string_view text, char c) {
  const void* at = memrchr(text.data(), c, text.size());
  return at == nullptr ? absl::string_view::npos
                       : static_cast<size_t>(static_cast<const char*>(at) - text.data());
}

// "...23 frames elided..." of Go since 1.21, "...additional frames elided..." before.
bool IsElision(absl::string_view line) {
  return absl::StartsWith(line, "...") && absl::EndsWith(line, " frames elided...");
}

bool IsUnavailable(absl::string_view line) {
  return line == "goroutine running on other thread; stack unavailable" ||
         line == "goroutine in C code; stack unavailable";
}

// The text before the arguments, which begin at the last parenthesis. "": the line is no function.
absl::string_view FunctionOf(absl::string_view line) {
  if (line.empty() || line.back() != ')') return {};
  const size_t open = LastOf(line, '(');
  if (open == absl::string_view::npos || open == 0) return {};
  const absl::string_view name = line.substr(0, open);
  return name.find(' ') == absl::string_view::npos ? name : absl::string_view();
}

// What begins something else: the next goroutine, or its leak test's words; the end of a test or of a program.
bool IsEnd(absl::string_view line) {
  if (line == "]" || line == "-----" || absl::StrContains(line, "oroutine ") ||
      absl::StrContains(line, "goroutines:"))
    return true;
  for (const absl::string_view lead :
       {"exit status ", "--- ", "=== ", "FAIL", "PASS", "panic: ", "fatal error: ", "===="}) {
    if (absl::StartsWith(line, lead)) return true;
  }
  return false;
}

}  // namespace

bool ConsumeGoPlace(absl::string_view& line) {
  absl::string_view place = line;
  const size_t plus = LastOf(place, '+');
  if (plus != absl::string_view::npos && plus > 0 && place[plus - 1] == ' ' &&
      absl::StartsWith(place.substr(plus), "+0x")) {
    place = place.substr(0, plus - 1);
  } else if (const size_t words = place.find(" fp=0x"); words != absl::string_view::npos) {
    place = place.substr(0, words);
  } else if (const size_t pc = place.find(" pc=0x"); pc != absl::string_view::npos) {
    place = place.substr(0, pc);
  }
  const size_t colon = LastOf(place, ':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == place.size()) return false;
  for (size_t i = colon + 1; i < place.size(); ++i) {
    if (!IsDigit(place[i])) return false;
  }
  line = place;
  return true;
}

LogFrame ParseGoFrame(absl::string_view function, absl::string_view place) {
  LogFrame frame;
  ParsePlace(ToUtf8(place), frame);
  // Dots in the last part of an import path are written so.
  frame.function = absl::StrReplaceAll(ToUtf8(function), {{"%2e", "."}});
  // The runtime shows its own function by the name that programs call it by.
  if (function == "panic" && absl::EndsWith(frame.file, "runtime/panic.go")) frame.function = "runtime.gopanic";
  return frame;
}

void GoStackReader::Begin() {
  stacks_.Begin();
  read_ = {};
  stage_ = Stage::kFrames;
  function_ = {};
  ancestors_ = 0;
  foreign_ = 0;
}

void GoStackReader::TakePlace(absl::string_view line) {
  stacks_.Add(function_, line, ParseGoFrame);
  function_ = {};
  foreign_ = 0;
  if (stage_ != Stage::kCreator) return;
  EndFrames();
  stage_ = Stage::kCreated;
}

// What has been read so far is a stack.
void GoStackReader::EndFrames() {
  const uint32_t stack = stacks_.End();
  stacks_.Begin();
  if (stage_ == Stage::kFrames) {
    read_.stack = stack;
  } else if (stage_ == Stage::kAncestor && ancestors_ == 1) {
    // The whole way to the place where it was started, instead of that place alone.
    if (stack != 0) read_.create_stack = stack;
  } else if (stage_ == Stage::kAncestor || ancestors_ > 0) {
    if (stack != 0 && read_.ancestor_stacks.size() < kMaxAncestors) read_.ancestor_stacks.push_back(stack);
  } else {
    read_.create_stack = stack;
  }
}

void GoStackReader::TakeCreator(absl::string_view text) {
  EndFrames();
  const size_t in = text.rfind(" in goroutine ");
  if (in != absl::string_view::npos) {
    absl::string_view number = text.substr(in + 14);
    uint64_t parent = 0;
    if (ConsumeNumber(number, parent) && ancestors_ == 0) read_.parent = parent;
    text = text.substr(0, in);
  }
  if (ancestors_ == 0) read_.created_by_runtime = absl::StartsWith(text, "runtime.");
  function_ = text;
  stage_ = Stage::kCreator;
}

// The creation of the ancestor before, one frame, is told again by this one, in full.
void GoStackReader::BeginAncestor() {
  if (stage_ != Stage::kCreated) EndFrames();
  if (ancestors_ > 0 && stage_ == Stage::kCreated && !read_.ancestor_stacks.empty()) {
    read_.ancestor_stacks.pop_back();
  }
  ++ancestors_;
  stage_ = Stage::kAncestor;
}

bool GoStackReader::TakeSpecial(absl::string_view line) {
  if (absl::ConsumePrefix(&line, "created by ")) {
    TakeCreator(line);
  } else if (absl::ConsumePrefix(&line, "[originating from goroutine ") && absl::EndsWith(line, "]:")) {
    uint64_t number = 0;
    BeginAncestor();
    if (ancestors_ == 1 && ConsumeNumber(line, number)) read_.parent = number;
  } else if (IsElision(line)) {
    if (absl::StartsWith(line, "...additional")) {
      stacks_.SetCut();
    } else {
      stacks_.SetPartial();
    }
  } else if (IsUnavailable(line)) {
    read_.elsewhere = true;
  } else if (line == "non-Go function") {
    function_ = line;
  } else {
    return false;
  }
  return true;
}

bool GoStackReader::TakeFunction(absl::string_view line) {
  const absl::string_view name = FunctionOf(line);
  if (name.empty()) return false;
  function_ = name;
  return true;
}

// What comes where the place of a frame should be. True if that may still come: others print between two lines
// of a frame as well.
bool GoStackReader::TakeBesidePlace(absl::string_view line) {
  const bool is_frame = stage_ == Stage::kCreator || absl::StrContains(function_, ".");
  const bool is_next = line.empty() || !FunctionOf(line).empty() || absl::StartsWith(line, "created by ") ||
                       absl::StartsWith(line, "[originating from ") || absl::StartsWith(line, "goroutine ") ||
                       IsElision(line);
  if (is_frame && !is_next && ++foreign_ <= kMostForeignLines) {
    kept_ = std::string(function_);
    function_ = kept_;
    return true;
  }
  // What looked like a function may have been the program's output.
  if (is_frame || line.empty()) {
    ++read_.broken;
    stacks_.SetPartial();
    TakePlace("");
  }
  function_ = {};
  return false;
}

bool GoStackReader::Take(absl::string_view line) {
  if (!function_.empty()) {
    if (ConsumeGoPlace(line)) {
      TakePlace(line);
      return true;
    }
    if (function_ == "non-Go function" && absl::StartsWith(line, "pc=0x")) {
      TakePlace("");
      return true;
    }
    if (TakeBesidePlace(line)) return true;
  }
  if (line.empty()) return false;
  if (stage_ == Stage::kCreated) return absl::StartsWith(line, "[originating from ") && TakeSpecial(line);
  if (TakeFunction(line)) return true;
  if (TakeSpecial(line)) {
    foreign_ = 0;
    return true;
  }
  return ++foreign_ <= kMostForeignLines && !IsEnd(line);
}

GoStack GoStackReader::End(bool cut) {
  if (!function_.empty()) {
    if (cut) {
      ++read_.broken;
      stacks_.SetPartial();
      TakePlace("");
    } else {
      function_ = {};
    }
  }
  if (cut) stacks_.SetCut();
  if (stage_ != Stage::kCreated) EndFrames();
  return std::move(read_);
}

}  // namespace stray::analyzer
