// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/listings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

constexpr uint64_t kMaxTasks = uint64_t{1} << 23;    // some 6 GB of them
constexpr uint64_t kMaxCounted = uint64_t{1} << 20;  // a few bytes of a profile can count any number
constexpr size_t kMaxListings = 1u << 14;
constexpr size_t kMaxDamage = 100;

}  // namespace

// Of too many the last one takes what follows.
TaskListing& Listings::Begin(size_t line) {
  if (listings_.size() < kMaxListings) {
    listings_.push_back(std::make_unique<TaskListing>(name_, line));
  } else if (listings_.size() == kMaxListings) {
    AddDamage(line, "there are too many dumps: those from here on are taken for one");
    listings_.push_back(std::make_unique<TaskListing>(name_, line));
  }
  return *listings_.back();
}

bool Listings::HasRoom() {
  const bool has_room = tasks_ < kMaxTasks;
  ++(has_room ? tasks_ : dropped_);
  return has_room;
}

uint64_t Listings::RoomForCounted(uint64_t count) {
  const uint64_t room = std::min(count, kMaxCounted - counted_);
  counted_ += room;
  dropped_ += count - room;
  return room;
}

void Listings::AddDamage(size_t line, absl::string_view what) {
  if (damage_.size() == kMaxDamage)
    damage_.push_back(absl::StrCat(name_, ": there is more damage than is named"));
  if (damage_.size() >= kMaxDamage) return;
  damage_.push_back(line == 0 ? absl::StrCat(name_, ": ", what) : absl::StrCat(name_, ":", line, ": ", what));
}

void Listings::Count(size_t line, Tally& tally, uint64_t count) {
  if (count == 0) return;
  if (tally.count == 0) tally.first_line = line;
  tally.count += count;
}

void Listings::AddTallies() {
  if (bad_blocks_.count > 0) {
    AddDamage(bad_blocks_.first_line, bad_blocks_.count == 1 ? "a task begins here that could not be read"
                                                             : absl::StrCat("the first of ", bad_blocks_.count,
                                                                            " tasks that could not be read"));
  }
  if (dropped_ > 0) AddDamage(0, absl::StrCat(dropped_, " tasks were left out: there are too many"));
  if (broken_frames_.count == 0 || listings_.empty()) return;
  listings_.front()->AddNote(absl::StrCat(
      broken_frames_.count, broken_frames_.count == 1 ? " frame" : " frames",
      " of stacks could not be read in full; the first in the task of line ", broken_frames_.first_line));
}

Model Listings::Finish() {
  if (listings_.empty()) Begin(1);
  AddTallies();
  Model model;
  for (const auto& listing : listings_) {
    model.processes.push_back(listing->Finish(listings_.size() > 1));
    model.processes.back()->Index();
  }
  model.damage = std::move(damage_);
  return model;
}

}  // namespace stray::analyzer
