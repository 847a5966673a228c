// SPDX-License-Identifier: Apache-2.0
// go_profile_text.h: Go's profiles with debug=1, which count tasks by stack.
//
//   goroutine profile: total 41                          also goroutineleak, threadcreate and those of programs
//   40 @ 0x47db6a 0x41425c
//   # labels: {"route":"/pay"}
//   #	0x4e28f7	shop.(*Cart).flush+0x57	app/cart.go:81
//
//   --- contention:                                      or --- mutex:
//   cycles/second=2599995032
//   81234 12 @ 0x47db6a                                  cycles, how often
//   #	0x47db69	sync.(*Mutex).Lock+0x69	sync/mutex.go:90
//
// Goroutines become tasks, so many as are counted; what else is counted becomes ProfileSites.
#ifndef STRAY_ANALYZER_LOAD_GO_PROFILE_TEXT_H_
#define STRAY_ANALYZER_LOAD_GO_PROFILE_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/load/listings.h"
#include "analyzer/load/text_lines.h"

namespace stray::analyzer {

class GoProfileReader {
 public:
  // Both must outlive this.
  GoProfileReader(TextLines& lines, Listings& listings) : lines_(lines), listings_(listings) {}

  // Takes the profile whose first line `lines` is at. False if none begins there.
  bool Take();

 private:
  // "40 @ 0x47db6a", or of contentions "81234 40 @ 0x47db6a".
  struct Group {
    uint64_t cycles = 0;
    uint64_t count = 0;
    std::vector<uint64_t> addresses;
  };

  bool TakeHead();
  bool ParseGroup(absl::string_view line, Group& group) const;
  void ReadGroup(const Group& group);
  void AddGroup(const Group& group, uint32_t stack, const LogLabels& labels);
  bool TakeFrame(absl::string_view line);
  void CheckTotal(size_t line, bool at_end);

  TextLines& lines_;
  Listings& listings_;
  TaskListing* listing_ = nullptr;
  std::string name_;  // goroutine, goroutineleak, threadcreate, block, mutex, ...
  bool has_cycles_ = false;
  double cycles_per_ns_ = 0;  // 0: not told
  uint64_t total_ = 0;        // as the first line says; 0: it does not
  uint64_t counted_ = 0;
};

// The JSON object behind "# labels: ", in which all values are strings. What is no such object is left out.
LogLabels ParseProfileLabels(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_GO_PROFILE_TEXT_H_
