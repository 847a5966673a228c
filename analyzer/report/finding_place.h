// SPDX-License-Identifier: Apache-2.0
// finding_place.h: the one place that stands for a finding where there is room for one only, and its tests.
#ifndef STRAY_ANALYZER_REPORT_FINDING_PLACE_H_
#define STRAY_ANALYZER_REPORT_FINDING_PLACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/frames.h"

namespace stray::analyzer {

// A place in a source file.
struct SourcePlace {
  std::string file;  // as the debug information has it
  uint32_t line = 0;
};

// The user code of a stack, with a file if any frame of user code has one: where a reader should look. nullopt:
// the stack has no frames.
std::optional<FrameView> PlaceOfStack(const ProcessModel& process, const EvidenceStack& stack);

// The place where the first task of `finding` waits, runs or did wrong; where it was created, if that is all
// that is known. nullopt: nothing is.
std::optional<FrameView> PlaceOf(const Finding& finding);

// The file and line of `view`. nullopt: they are not known.
std::optional<SourcePlace> SourceOf(const std::optional<FrameView>& view);

// The tests that the tasks of `finding` work for, each once, in the order of the tasks.
std::vector<std::string> TestsOf(const Finding& finding);

// The same in a few words: "CartTest.Flush", "CartTest.Flush and 2 more"; "": none.
std::string TestsText(const Finding& finding);

// `path` as it is called below `root` ("src/cart.cc"), if it lies there; a path that is relative stays as it
// is. Else it comes back with its leading slash.
std::string PathBelow(absl::string_view root, absl::string_view path);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_FINDING_PLACE_H_
