// SPDX-License-Identifier: Apache-2.0
// listings.h: all that one text lists: a listing for each dump in it, and what of it could not be read.
#ifndef STRAY_ANALYZER_LOAD_LISTINGS_H_
#define STRAY_ANALYZER_LOAD_LISTINGS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/load/task_listing.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class Listings {
 public:
  // `name` of the text, for messages; must outlive this.
  explicit Listings(const std::string& name) : name_(name) {}

  // A listing that begins in this line. Stays where it is.
  TaskListing& Begin(size_t line);

  // True if one more task can be kept. What is not kept is counted.
  bool HasRoom();
  // So many of the `count` tasks that a profile counts as can be kept.
  uint64_t RoomForCounted(uint64_t count);

  // Something is missing that may hide findings: "goroutine 7 is cut". `line` 0: of the whole text.
  void AddDamage(size_t line, absl::string_view what);
  // The same for what occurs often: it is counted, and the first line is named: "3 frames ... (first: line 8)".
  // Whoever has frames that are not whole loses detail, and no finding.
  void CountBadBlock(size_t line) { Count(line, bad_blocks_); }
  void CountBrokenFrames(size_t line, uint64_t frames) { Count(line, broken_frames_, frames); }

  // The finished model, indexed. Nothing may be added afterwards.
  Model Finish();

 private:
  struct Tally {
    uint64_t count = 0;
    size_t first_line = 0;
  };
  static void Count(size_t line, Tally& tally, uint64_t count = 1);
  void AddTallies();

  const std::string& name_;
  std::vector<std::unique_ptr<TaskListing>> listings_;
  std::vector<std::string> damage_;
  Tally bad_blocks_;
  Tally broken_frames_;
  uint64_t tasks_ = 0;
  uint64_t counted_ = 0;  // by profiles
  uint64_t dropped_ = 0;  // tasks
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LISTINGS_H_
