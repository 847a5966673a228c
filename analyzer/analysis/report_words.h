// SPDX-License-Identifier: Apache-2.0
// report_words.h: what a race detector has reported, in one or two sentences: who did what to which memory, and
// which locks keep one side and not the other.
#ifndef STRAY_ANALYZER_ANALYSIS_REPORT_WORDS_H_
#define STRAY_ANALYZER_ANALYSIS_REPORT_WORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// One line without a full stop.
std::string KindTitle(const wire::SanitizerReport& report);

// "Global g_cart+0x28 is written by T1 "flusher" at Cart::Add (cart.cc:24) with mutex g_cart held and read by
// T2 at Cart::Peek (cart.cc:25) with none."
std::string ExplainReport(const ProcessModel& process, const wire::SanitizerReport& report);

// What the task of a step does to the channel or the wait group that the report is on: "sends on"; "" if that
// is about locks.
absl::string_view StepVerb(const wire::SanitizerReport& report, int step);

// What the task of a step of a deadlock did where it would wait: "locked", "sent on", "received from".
absl::string_view WaitVerb(const ProcessModel& process, const wire::LockStep& step);

// A deadlock of locks and a channel.
bool IsOfChannel(const ProcessModel& process, const wire::SanitizerReport& report);

// The place that tells most of what lies at `address`, or null.
const wire::MemoryPlace* PlaceAt(const wire::SanitizerReport& report, uint64_t address);

// "global g_cart+0x28", "a heap block of 40 bytes", "the stack of main". `address`: what was accessed, 0 if
// that does not matter.
std::string MemoryLabel(const ProcessModel& process, const wire::MemoryPlace& place, uint64_t address);

// "allocated by main at Cart::Make (cart.cc:12)"; "" if there is nothing to say.
std::string MemoryOrigin(const ProcessModel& process, const wire::MemoryPlace& place);

// "writes 4 bytes at 0x720c00000058", "reads atomically 8 bytes at ...".
std::string AccessText(const EvidenceAccess& access);

// "unlock of mutex m by T2 at f (a.cc:3), then lock by main at g (a.cc:9); nothing ..."
std::string OrderText(const ProcessModel& process, const EvidenceOrder& order);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_REPORT_WORDS_H_
