// SPDX-License-Identifier: Apache-2.0
// explain.h: sentences about waits: for what, on whom, and why they can or cannot end.
//
// Written for a reader who has never seen the program. A clause has no subject and no full stop ("waits for
// mutex m, which T2 locked at F (f.cc:3)"); a sentence has both.
#ifndef STRAY_ANALYZER_ANALYSIS_EXPLAIN_H_
#define STRAY_ANALYZER_ANALYSIS_EXPLAIN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/diagnosis.h"

namespace stray::analyzer {

// "waits for mutex m", "waits in sem_wait on semaphore s", "waits in pthread_join for T2 to end", "sleeps in
// nanosleep", "runs". `plural`: the subject is several tasks.
std::string WaitClause(const Diagnosis& diagnosis, WaitGraph::Node task, bool plural = false);

// The clause that leads from `task` to `next`, which it waits for: "waits for mutex m, which T2 locked at F
// (f.cc:3)", "waits in pthread_join for T2 to end".
std::string LinkClause(const Diagnosis& diagnosis, WaitGraph::Node task, WaitGraph::Node next);

// How `task` holds `object`, with the task as subject: "T2 locked at F (f.cc:3)", "T2 holds for reading".
// `it`: what stands for the object, "" in a relative clause: "T2 locked it at F (f.cc:3)".
std::string HoldClause(const Diagnosis& diagnosis, WaitGraph::Node task, uint32_t object,
                       absl::string_view it = "");

// "Another thread would have to signal it": what would end the wait of `task`, where no holder and no join
// does.
std::string WhatWouldHelp(const Diagnosis& diagnosis, WaitGraph::Node task);

// The task that keeps `task`, which is not live, stuck: one that holds the lock it needs, or that it joins, and
// is not live itself. No task: there is none.
WaitGraph::Node StuckBehind(const Diagnosis& diagnosis, WaitGraph::Node task);

// One or two sentences: who could have ended the wait of `task`, which is not live, and why that cannot
// happen any more.
std::string WhyStuck(const Diagnosis& diagnosis, WaitGraph::Node task);

// One sentence: who could still have ended the wait of `task`, which is live.
std::string WhyLive(const Diagnosis& diagnosis, WaitGraph::Node task);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_EXPLAIN_H_
