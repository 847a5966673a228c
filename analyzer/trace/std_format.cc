// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/std_format.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

enum class OperandKind { kVariable, kLock, kTask, kMark, kSync, kChannel, kGroup };

struct OpWord {
  absl::string_view word;
  TraceOp op;
  OperandKind operand;
};

constexpr OpWord kOps[] = {
    {"r", TraceOp::kRead, OperandKind::kVariable},
    {"w", TraceOp::kWrite, OperandKind::kVariable},
    {"acq", TraceOp::kAcquire, OperandKind::kLock},
    {"rel", TraceOp::kRelease, OperandKind::kLock},
    {"req", TraceOp::kRequest, OperandKind::kLock},
    {"fork", TraceOp::kFork, OperandKind::kTask},
    {"join", TraceOp::kJoin, OperandKind::kTask},
    {"begin", TraceOp::kBegin, OperandKind::kMark},
    {"end", TraceOp::kEnd, OperandKind::kMark},
    {"enter", TraceOp::kEnter, OperandKind::kMark},
    {"exit", TraceOp::kExit, OperandKind::kMark},
    {"branch", TraceOp::kBranch, OperandKind::kMark},
    {"dummy", TraceOp::kDummy, OperandKind::kMark},
    {"sig", TraceOp::kSignal, OperandKind::kSync},
    {"await", TraceOp::kAwait, OperandKind::kSync},
    {"provide", TraceOp::kProvide, OperandKind::kSync},
    {"depend", TraceOp::kDepend, OperandKind::kSync},
    {"racq", TraceOp::kAcquireRead, OperandKind::kLock},
    {"rrel", TraceOp::kReleaseRead, OperandKind::kLock},
    {"tryacq", TraceOp::kTryAcquire, OperandKind::kLock},
    {"made", TraceOp::kMade, OperandKind::kChannel},
    {"fed", TraceOp::kFed, OperandKind::kChannel},
    {"send", TraceOp::kSend, OperandKind::kChannel},
    {"recv", TraceOp::kReceive, OperandKind::kChannel},
    {"close", TraceOp::kClose, OperandKind::kChannel},
    {"selsend", TraceOp::kSelectSend, OperandKind::kChannel},
    {"selrecv", TraceOp::kSelectReceive, OperandKind::kChannel},
    {"trysend", TraceOp::kTrySend, OperandKind::kChannel},
    {"tryrecv", TraceOp::kTryReceive, OperandKind::kChannel},
    {"sent", TraceOp::kSent, OperandKind::kChannel},
    {"recvd", TraceOp::kReceived, OperandKind::kChannel},
    {"recvnone", TraceOp::kReceivedClosed, OperandKind::kChannel},
    {"closed", TraceOp::kClosed, OperandKind::kChannel},
    {"left", TraceOp::kLeft, OperandKind::kChannel},
    {"add", TraceOp::kAdd, OperandKind::kGroup},
    {"done", TraceOp::kDone, OperandKind::kGroup},
    {"wait", TraceOp::kWait, OperandKind::kGroup},
    {"waited", TraceOp::kWaited, OperandKind::kGroup},
    {"cut", TraceOp::kCut, OperandKind::kMark},
};

const OpWord* OpOf(absl::string_view word) {
  for (const OpWord& op : kOps) {
    if (op.word == word) return &op;
  }
  return nullptr;
}

// Everything up to `end`, which is taken off, too. Empty: there is no such character.
std::optional<absl::string_view> TakeUntil(absl::string_view* text, char end) {
  const size_t at = text->find(end);
  if (at == absl::string_view::npos) return std::nullopt;
  const absl::string_view taken = text->substr(0, at);
  text->remove_prefix(at + 1);
  return taken;
}

}  // namespace

absl::Status StdReader::Wrong(absl::string_view what) const {
  return absl::InvalidArgumentError(
      absl::StrCat(name_, ":", line_, ": ", what, "; an event is written like T1|acq(L3)|120"));
}

uint32_t StdReader::NumberOf(absl::string_view word, Numbers& numbers, std::vector<std::string>& words) {
  const auto found = numbers.find(word);
  if (found != numbers.end()) return found->second;
  const auto number = static_cast<uint32_t>(words.size());
  words.emplace_back(word);
  numbers.emplace(words.back(), number);
  return number;
}

absl::Status StdReader::Read(absl::string_view line, TraceEvent* event, bool* has_event) {
  ++line_;
  *has_event = false;
  absl::string_view rest = absl::StripAsciiWhitespace(line);
  if (rest.empty()) return absl::OkStatus();
  if (events_ >= kNoEvent)
    return absl::ResourceExhaustedError(absl::StrCat(name_, ": more than ", kNoEvent, " events"));
  const std::optional<absl::string_view> task = TakeUntil(&rest, '|');
  if (!task.has_value() || task->empty()) return Wrong("there is no task");
  const std::optional<absl::string_view> word = TakeUntil(&rest, '(');
  const OpWord* op = word.has_value() ? OpOf(*word) : nullptr;
  if (op == nullptr)
    return Wrong(
        "no operation: r, w, acq, rel, req, fork, join, begin, end, enter, exit, branch, dummy, or one of "
        "stray's own (docs/TRACE.md)");
  const size_t close = rest.rfind(")|");
  if (close == absl::string_view::npos || close == 0) return Wrong("there is nothing it is done on");
  const absl::string_view operand = rest.substr(0, close);
  int64_t location = 0;
  if (!absl::SimpleAtoi(rest.substr(close + 2), &location)) return Wrong("its place is no number");
  if (operand.find_first_of("| \t") != absl::string_view::npos ||
      task->find_first_of(" \t") != absl::string_view::npos)
    return Wrong("a name with a space or '|'");
  event->op = op->op;
  event->task = NumberOf(*task, tasks_, trace_->tasks);
  switch (op->operand) {
    case OperandKind::kVariable:
      event->operand = NumberOf(operand, variables_, trace_->variables);
      break;
    case OperandKind::kLock:
      event->operand = NumberOf(operand, locks_, trace_->locks);
      break;
    case OperandKind::kTask:
      event->operand = NumberOf(operand, tasks_, trace_->tasks);
      break;
    case OperandKind::kMark:
      event->operand = NumberOf(operand, marks_, trace_->marks);
      break;
    case OperandKind::kSync:
      event->operand = NumberOf(operand, syncs_, trace_->syncs);
      break;
    case OperandKind::kChannel:
      event->operand = NumberOf(operand, channels_, trace_->channels);
      break;
    case OperandKind::kGroup:
      event->operand = NumberOf(operand, groups_, trace_->groups);
      break;
  }
  const auto [place, is_new] =
      locations_.try_emplace(location, static_cast<uint32_t>(trace_->locations.size()));
  if (is_new) trace_->locations.push_back(location);
  event->location = place->second;
  ++events_;
  *has_event = true;
  return absl::OkStatus();
}

absl::StatusOr<Trace> ReadStd(absl::string_view text, const std::string& name) {
  Trace trace;
  StdReader reader(name, &trace);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    TraceEvent event;
    bool has_event = false;
    const absl::Status status = reader.Read(text.substr(0, end), &event, &has_event);
    if (!status.ok()) return status;
    if (has_event) trace.events.push_back(event);
    text.remove_prefix(end == absl::string_view::npos ? text.size() : end + 1);
  }
  return trace;
}

void AppendStd(const Trace& trace, const TraceEvent& event, std::string* text) {
  const OpWord& op = kOps[static_cast<size_t>(event.op)];
  const std::vector<std::string>* words = nullptr;
  switch (op.operand) {
    case OperandKind::kVariable:
      words = &trace.variables;
      break;
    case OperandKind::kLock:
      words = &trace.locks;
      break;
    case OperandKind::kTask:
      words = &trace.tasks;
      break;
    case OperandKind::kMark:
      words = &trace.marks;
      break;
    case OperandKind::kSync:
      words = &trace.syncs;
      break;
    case OperandKind::kChannel:
      words = &trace.channels;
      break;
    case OperandKind::kGroup:
      words = &trace.groups;
      break;
  }
  absl::StrAppend(text, trace.tasks[event.task], "|", op.word, "(", (*words)[event.operand], ")|",
                  trace.locations[event.location], "\n");
}

std::string StdText(const Trace& trace) {
  std::string text;
  for (const TraceEvent& event : trace.events) AppendStd(trace, event, &text);
  return text;
}

}  // namespace stray::analyzer
