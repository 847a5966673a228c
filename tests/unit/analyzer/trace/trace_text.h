// SPDX-License-Identifier: Apache-2.0
// trace_text.h: traces as tests write them: "1:w x; 2:acq l, r x", tasks that 0 has forked before and joins
// afterwards.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_TRACE_TEXT_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_TRACE_TEXT_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/trace/happens_before.h"
#include "analyzer/trace/lockset.h"
#include "analyzer/trace/std_format.h"

namespace stray::analyzer {

// One line in STD for each event; the place of an event is its number in `text`, from 1, or what stands behind
// it: "made c 0".
inline std::string StdOf(absl::string_view text) {
  std::string std_text;
  int place = 0;
  for (absl::string_view part : absl::StrSplit(text, ';', absl::SkipWhitespace())) {
    const std::vector<std::string> task_and_events = absl::StrSplit(absl::StripAsciiWhitespace(part), ':');
    for (absl::string_view event : absl::StrSplit(task_and_events[1], ',')) {
      const std::vector<std::string> words = absl::StrSplit(absl::StripAsciiWhitespace(event), ' ');
      ++place;
      absl::StrAppend(&std_text, "T", task_and_events[0], "|", words[0], "(", words[1], ")|",
                      words.size() > 2 ? words[2] : absl::StrCat(place), "\n");
    }
  }
  return std_text;
}

inline Trace TraceOf(absl::string_view text) {
  absl::StatusOr<Trace> trace = ReadStd(StdOf(text), "test.std");
  EXPECT_TRUE(trace.ok()) << trace.status();
  return trace.ok() ? *std::move(trace) : Trace();
}

// The same between the fork and the join of tasks 1 and 2 by task 0.
inline Trace ForkedTrace(absl::string_view text) {
  return TraceOf(absl::StrCat("0:fork T1, fork T2; ", text, "; 0:join T1, join T2"));
}

inline std::vector<AccessPair> HappensBeforeRaces(const Trace& trace, HappensBefore::Order order) {
  std::vector<AccessPair> pairs;
  HappensBefore engine(order, [&](const AccessPair& pair) { pairs.push_back(pair); });
  for (const TraceEvent& event : trace.events) engine.Add(event);
  return pairs;
}

inline std::vector<AccessPair> LocksetSuspicions(const Trace& trace) {
  std::vector<AccessPair> pairs;
  Lockset engine([&](const AccessPair& pair) { pairs.push_back(pair); });
  for (const TraceEvent& event : trace.events) engine.Add(event);
  return pairs;
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_TRACE_TEXT_H_
