// SPDX-License-Identifier: Apache-2.0
// describe.h: how explanations call tasks, objects, places and numbers.
//
//   task     main, T7 "flusher", T7, G3; a task, where nobody knows which; a goroutine, that a profile counts
//   object   mutex Cart::mu; mutex M17, the number being its id in the dump, as with tasks
//   place    Cart::Flush (cart.cc:81)
//   number   1 thread, 38 threads
#ifndef STRAY_ANALYZER_ANALYSIS_DESCRIBE_H_
#define STRAY_ANALYZER_ANALYSIS_DESCRIBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

std::string TaskLabel(const ProcessModel& process, uint32_t task);

// "main", "T2 and T3", "T2, T3 and 36 more": at most `most` are named. "": a profile has counted them, and they
// have no names.
std::string TaskList(const ProcessModel& process, const std::vector<uint32_t>& tasks, size_t most = 4);

// "Cart::mu", or a letter for the kind and the id, "M17": also for a name that several objects bear. The same
// in every report, in JSON and in `stray cat`.
std::string ObjectName(const ProcessModel& process, uint32_t object);

// True if the object is told from all others by a name of its own.
bool HasOwnName(const ProcessModel& process, const wire::Object& object);

// With its kind: "mutex Cart::mu", "mutex M17". `object` 0, or one without record: "something that was not
// recorded".
std::string ObjectLabel(const ProcessModel& process, uint32_t object);

// "mutex", "rwlock", ...; "object" if it is not known.
std::string ObjectKind(const ProcessModel& process, uint32_t object);

// "" if there is nothing to say.
std::string PlaceLabel(const FrameView& frame);
std::string PlaceLabel(const ProcessModel& process, const wire::Site& site);
std::string PlaceOfStack(const ProcessModel& process, uint32_t stack);

// " at Cart::Flush (cart.cc:81)", with the space; "" if the place is not known.
std::string AtPlace(const std::string& place);

// What the tasks are: "thread" or "goroutine" if all are, else "task".
std::string TaskNoun(const ProcessModel& process, const std::vector<uint32_t>& tasks);

// "1 thread", "38 threads".
std::string Counted(uint64_t number, absl::string_view noun);

std::string Capitalized(std::string text);

// "A", "A and B", "A, B and C".
std::string JoinedWithAnd(const std::vector<std::string>& parts);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_DESCRIBE_H_
