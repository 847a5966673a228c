// SPDX-License-Identifier: Apache-2.0
// task_block.h: what the lines about one task have in common: their layout and what is known around them.
#ifndef STRAY_ANALYZER_REPORT_TASK_BLOCK_H_
#define STRAY_ANALYZER_REPORT_TASK_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/analysis/peers.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/recent_events.h"
#include "analyzer/report/source_lines.h"

namespace stray::analyzer {

inline constexpr size_t kBlockIndent = 5;  // of a labelled line
inline constexpr size_t kLabelWidth = 9;

// What a block of text about a task needs to know about the report around it. One per process.
struct TaskBlockContext {
  const ProcessModel& process;
  Page& page;
  ObjectNames& names;
  const LockHolders& holders;
  const RecentEvents& events;
  const PeerTable& peers;
  SourceLines* sources = nullptr;              // null: no source line is quoted
  absl::flat_hash_set<uint32_t> introduced;    // objects whose first use was told; empty it for each finding
  absl::flat_hash_map<uint32_t, size_t> told;  // waiting tasks shown in full, and in which finding
};

// One line, or more if it must be wrapped, below a task: "  holds    mutex Cart::mu". `label` may be empty.
void WriteLabelled(TaskBlockContext& context, absl::string_view label, absl::string_view text);

// A label, padded.
Span LabelSpan(absl::string_view label);

// "mutex M17, first locked at Cart::Flush (cart.cc:81)": the addition once per finding, and only for objects
// that have no name of their own.
std::string IntroduceObject(TaskBlockContext& context, uint32_t object);

// True if one of its stacks plays that role.
bool HasRole(const EvidenceTask& task, absl::string_view role);

// True if `task` is shown because of what it does in the snapshot, and not of what it did some time before.
bool IsOfSnapshot(const EvidenceTask& task);

// True if it is shown because it waits.
bool IsWaiting(const EvidenceTask& task);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_BLOCK_H_
