// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/thread_dump.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/load/log_report.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

constexpr size_t kLongestFrame = 1u << 14;

// Takes "#12 " off the beginning.
bool ConsumeFrameNumber(absl::string_view& line) {
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&line, "#") || !ConsumeNumber(line, number) || !absl::StartsWith(line, " "))
    return false;
  line = absl::StripLeadingAsciiWhitespace(line);
  return true;
}

// Where the parenthesis opens that the last character closes; npos: nowhere. Values of arguments may have any
// characters in them, in quotes.
size_t OpeningOfLast(absl::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = text.size(); i-- > 0;) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    const bool is_character = i > 0 && i + 1 < text.size() && text[i - 1] == '\'' && text[i + 1] == '\'';
    if (quoted || is_character) continue;
    if (c == ')') ++depth;
    if (c == '(' && --depth == 0) return i;
  }
  return absl::string_view::npos;
}

// True if the frame ends within its arguments.
bool IsOpen(absl::string_view frame) {
  return std::count(frame.begin(), frame.end(), '(') > std::count(frame.begin(), frame.end(), ')');
}

void TakeModule(absl::string_view path, LogFrame& frame) {
  const size_t slash = path.rfind('/');
  if (slash != absl::string_view::npos && slash + 1 < path.size()) frame.module = ToUtf8(path);
}

// The sources of glibc are named relative to where distributions build it: then the frame is libc's.
bool IsInLibc(absl::string_view file) {
  for (const absl::string_view lead : {"./nptl/", "../nptl/", "../sysdeps/", "./csu/", "../csu/", "./posix/",
                                       "./io/", "./misc/", "./socket/", "./signal/", "./time/"}) {
    if (absl::StartsWith(file, lead)) return true;
  }
  return false;
}

// "poll (fds=0x0) at poll.c:29" of gdb: takes what stands behind the arguments, and them.
void TakeArguments(absl::string_view text, LogFrame& frame) {
  for (const absl::string_view lead : {") at ", ") from "}) {
    const size_t at = text.rfind(lead);
    if (at == absl::string_view::npos) continue;
    const absl::string_view where = text.substr(at + lead.size());
    if (lead == ") at ") {
      ParsePlace(ToUtf8(where), frame);
    } else {
      TakeModule(where, frame);
    }
    text = text.substr(0, at + 1);
    break;
  }
  const size_t open = absl::EndsWith(text, ")") ? OpeningOfLast(text) : absl::string_view::npos;
  if (open != absl::string_view::npos && open > 1 && text[open - 1] == ' ') text = text.substr(0, open - 1);
  if (text != "??") frame.function = ToUtf8(text);
}

// "std::thread::join() - /lib/libstdc++.so.6" of eu-stack.
void TakeSymbol(absl::string_view text, LogFrame& frame) {
  const size_t module = text.rfind("- /");
  if (module != absl::string_view::npos) {
    TakeModule(text.substr(module + 2), frame);
    text = absl::StripTrailingAsciiWhitespace(text.substr(0, module));
  }
  frame.function = ToUtf8(text.substr(0, text.find('@')));
}

// "../sysdeps/unix/poll.c:29:3", in a line of its own.
bool IsPlace(absl::string_view line) {
  LogFrame frame;
  if (line.empty() || line.find(' ') != absl::string_view::npos) return false;
  ParsePlace(line, frame);
  return frame.line != 0;
}

}  // namespace

// "Thread 2 (Thread 0x7f07 (LWP 11529) \"flusher\"):", "Thread 1 (process 11527):", "TID 11529:".
std::optional<ListedThread> ParseThreadHead(absl::string_view line) {
  ListedThread thread;
  uint64_t tid = 0;
  if (absl::ConsumePrefix(&line, "TID ")) {
    if (!ConsumeNumber(line, thread.number) || line != ":" || thread.number > INT32_MAX) return std::nullopt;
    thread.tid = static_cast<int32_t>(thread.number);
    return thread;
  }
  if (!absl::ConsumePrefix(&line, "Thread ") || !ConsumeNumber(line, thread.number)) return std::nullopt;
  if (!absl::ConsumePrefix(&line, " (") || !absl::EndsWith(line, "):")) return std::nullopt;
  for (const absl::string_view lead : {"LWP ", "process "}) {
    const size_t at = line.find(lead);
    if (at == absl::string_view::npos) continue;
    absl::string_view rest = line.substr(at + lead.size());
    if (ConsumeNumber(rest, tid) && tid <= INT32_MAX) thread.tid = static_cast<int32_t>(tid);
    break;
  }
  const size_t open = line.find('"');
  const size_t close = line.rfind('"');
  if (open < close) thread.name = ToUtf8(line.substr(open + 1, close - open - 1));
  return thread;
}

LogFrame ParseThreadFrame(absl::string_view text, absl::string_view place) {
  LogFrame frame;
  uint64_t address = 0;
  const bool has_address = ConsumeAddress(text, address);
  text = absl::StripLeadingAsciiWhitespace(text);
  const bool is_gdb = absl::ConsumePrefix(&text, "in ") || !has_address;
  if (absl::ConsumePrefix(&text, "- 1")) text = absl::StripLeadingAsciiWhitespace(text);
  if (is_gdb) {
    TakeArguments(text, frame);
  } else {
    TakeSymbol(text, frame);
  }
  if (!place.empty()) ParsePlace(ToUtf8(place), frame);
  if (frame.module.empty() && IsInLibc(frame.file)) frame.module = "libc.so.6";
  if (frame.function.empty()) frame.address = address;
  return frame;
}

// "PID 11527 - process" of eu-stack, "[Inferior 1 (process 11527) detached]" of gdb.
bool ThreadDumpReader::TakeProcess() {
  absl::string_view line = lines_.line();
  uint64_t pid = 0;
  if (absl::ConsumePrefix(&line, "PID ") && ConsumeNumber(line, pid) && absl::StartsWith(line, " - ")) {
    listing_ = &listings_.Begin(lines_.number());
    if (pid <= INT32_MAX) listing_->SetPid(static_cast<int32_t>(pid));
    if (absl::ConsumePrefix(&line, " - core '")) listing_->SetProgram(ToUtf8(absl::StripSuffix(line, "'")));
    return true;
  }
  if (listing_ == nullptr || !absl::ConsumePrefix(&line, "[Inferior ") || !ConsumeNumber(line, pid))
    return false;
  if (!absl::ConsumePrefix(&line, " (process ") || !ConsumeNumber(line, pid)) return false;
  if (pid <= INT32_MAX) listing_->SetPid(static_cast<int32_t>(pid));
  listing_ = nullptr;
  return true;
}

void ThreadDumpReader::EndFrame() {
  if (!frame_.empty()) listing_->stacks().Add(frame_, place_, ParseThreadFrame);
  frame_.clear();
  place_.clear();
}

void ThreadDumpReader::TakeFrameLine(absl::string_view line) {
  if (ConsumeFrameNumber(line)) {
    EndFrame();
    frame_ = std::string(line);
    return;
  }
  if (frame_.empty() || frame_.size() > kLongestFrame) return;
  const bool has_place = absl::StrContains(frame_, ") at ") || absl::StrContains(frame_, ") from ");
  const bool is_rest = absl::StartsWith(line, "at ") || absl::StartsWith(line, "from ");
  if (IsOpen(frame_) || (is_rest && !has_place)) {
    absl::StrAppend(&frame_, " ", line);
  } else if (!has_place && place_.empty() && IsPlace(line)) {
    place_ = std::string(line);
  }
}

// Until the next thread, or a blank line: eu-stack has none between threads.
void ThreadDumpReader::ReadThread(ListedThread thread) {
  const size_t line = lines_.number();
  ListedStacks& stacks = listing_->stacks();
  stacks.Begin();
  while (lines_.Next()) {
    const absl::string_view text = lines_.line();
    if (text.empty()) break;
    if (ParseThreadHead(text).has_value() || absl::StartsWith(text, "PID ")) {
      lines_.Again();
      break;
    }
    TakeFrameLine(text);
  }
  if (!lines_.is_ended()) {
    stacks.SetCut();
    listings_.AddDamage(line,
                        absl::StrCat("the text ends within thread ", thread.number, ", which begins here"));
  }
  EndFrame();
  std::vector<absl::string_view> functions;
  for (size_t i = 0; i < stacks.size(); ++i) functions.push_back(stacks.FunctionAt(i));
  thread.wait_reason = std::string(WaitOfFrames(functions));
  thread.is_main = std::find(functions.begin(), functions.end(), "main") != functions.end();
  if (!stacks.HasFrames()) listings_.CountBadBlock(line);
  thread.stack = stacks.End();
  if (listings_.HasRoom()) listing_->AddThread(thread);
}

bool ThreadDumpReader::Take() {
  if (TakeProcess()) return true;
  std::optional<ListedThread> thread = ParseThreadHead(lines_.line());
  if (!thread.has_value()) return false;
  if (listing_ == nullptr || listing_->HasThread(thread->number)) listing_ = &listings_.Begin(lines_.number());
  ReadThread(*std::move(thread));
  return true;
}

}  // namespace stray::analyzer
