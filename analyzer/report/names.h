// SPDX-License-Identifier: Apache-2.0
// names.h: what processes and files are called in a report for people, and which objects it has named.
//
//   process  cart_test (pid 4711)
//   file     src/cart.cc, ../src/cart.cc, .../bits/std_mutex.h
//
// Tasks, objects and places are called what explanations call them (analysis/describe.h).
#ifndef STRAY_ANALYZER_REPORT_NAMES_H_
#define STRAY_ANALYZER_REPORT_NAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// "cart_test", "cart_test (pid 4711)". The name it was started by, where its file has several; the name of the
// log that told of it, where that does not say.
std::string ProgramName(const ProcessModel& process);
std::string ProcessName(const ProcessModel& process);

// A path for reading: relative to `directory` if that is not far away, else its last two parts behind "...".
std::string ShortPath(absl::string_view path, absl::string_view directory);

// "cart.cc:81"; "libfoo.so+0x1234" without line information; empty if not even that is known.
std::string PlaceOf(const ProcessModel& process, const FrameView& frame);

class ObjectNames {
 public:
  explicit ObjectNames(const ProcessModel& process) : process_(process) {}

  // "Cart::mu" or "M17": also for a name that several objects bear.
  std::string Short(uint32_t object);

  // With its kind: "mutex Cart::mu", "mutex M17"; "an object that was not recorded" for an unknown id.
  std::string WithKind(uint32_t object);

  // The objects that were named so far, in that order.
  const std::vector<uint32_t>& mentioned() const { return mentioned_; }

 private:
  const ProcessModel& process_;
  absl::flat_hash_set<uint32_t> known_;
  std::vector<uint32_t> mentioned_;
};

// Kinds that are taken and given back: "mutex", "rwlock", "spin lock".
bool IsLockKind(absl::string_view kind);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_NAMES_H_
