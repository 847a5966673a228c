// SPDX-License-Identifier: Apache-2.0
// ignores.h: the built-in list of background threads that are nobody's leak.
//
// The list itself is default_ignores.inc. It decides three things: such a task is not reported as leaked; a
// foreign one, which never runs code of the program, does not count as one that could wake others; and some
// misuse that a library commits on purpose is not reported. The second holds whether or not the user has
// switched the list off.
#ifndef STRAY_ANALYZER_ANALYSIS_IGNORES_H_
#define STRAY_ANALYZER_ANALYSIS_IGNORES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct IgnoreEntry {
  absl::string_view library;
  absl::string_view conditions;  // as in default_ignores.inc
  bool foreign = false;
  absl::string_view reason;
};

// All entries, in the order of the list.
absl::Span<const IgnoreEntry> DefaultIgnores();

// The list as `stray run --list-ignores` prints it. Ends with a newline.
std::string DefaultIgnoresText();

// Looks tasks of one process up in the list; remembers answers, as most tasks share a start and a creation
// stack. `process` must outlive it.
class IgnoreFinder {
 public:
  explicit IgnoreFinder(const ProcessModel& process) : process_(process) {}

  // The first entry that matches, or null. `state` may be null: the task has ended.
  const IgnoreEntry* Find(uint32_t task, const wire::TaskState* state);
  // The first entry that is about this misuse, or null.
  const IgnoreEntry* Find(const wire::Misuse& misuse) const;

 private:
  const ProcessModel& process_;
  absl::flat_hash_map<std::string, const IgnoreEntry*> known_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_IGNORES_H_
