// SPDX-License-Identifier: Apache-2.0
// std_format.h: traces in RAPID's STD format, so that its engines run on our traces and ours on its.
//
//   T0|fork(T1)|3
//   T1|acq(L7)|12
//   T1|w(V2)|13
//
// A line for each event: task, operation and what it is on, and a number for the place in the program.
// Operations: r, w, acq, rel, req, fork, join, begin, end, enter, exit, branch, dummy. Names are any text
// without spaces and '|'. Words of ours, which RAPID does not know (rapid_trace.h says the same without them):
// sig, await, provide, depend of syncs, racq, rrel, tryacq of locks, and what is done to channels and wait
// groups.
#ifndef STRAY_ANALYZER_TRACE_STD_FORMAT_H_
#define STRAY_ANALYZER_TRACE_STD_FORMAT_H_

#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

// Reads a trace line by line, so that it need not fit into memory.
class StdReader {
 public:
  // `name` places messages: "app.std:17: ...". `trace` gets the names, and no events; it must outlive the
  // reader.
  StdReader(std::string name, Trace* trace) : name_(std::move(name)), trace_(trace) {}

  // The next line, without its end. Empty lines are skipped: `event` stays as it is then and *has_event is
  // false. kInvalidArgument: it is none of this format; kResourceExhausted: more events than can be counted.
  absl::Status Read(absl::string_view line, TraceEvent* event, bool* has_event);

 private:
  using Numbers = absl::flat_hash_map<std::string, uint32_t>;

  absl::Status Wrong(absl::string_view what) const;
  static uint32_t NumberOf(absl::string_view word, Numbers& numbers, std::vector<std::string>& words);

  std::string name_;
  Trace* trace_;
  uint64_t line_ = 0;
  uint64_t events_ = 0;
  Numbers tasks_, variables_, locks_, marks_, syncs_, channels_, groups_;
  absl::flat_hash_map<int64_t, uint32_t> locations_;
};

// A whole trace. `text` is as `name` holds it.
absl::StatusOr<Trace> ReadStd(absl::string_view text, const std::string& name);

// The line of `event`, with its end; what StdReader has read it is told by.
void AppendStd(const Trace& trace, const TraceEvent& event, std::string* text);
std::string StdText(const Trace& trace);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_STD_FORMAT_H_
