// SPDX-License-Identifier: Apache-2.0
// black_box_bytes.h: safe access to the bytes of a black box.
//
// The one place that turns offsets of a black box into bytes. Whatever the file says, no access leaves it:
// Open() cuts each region to what is really there, and all look-ups below check against that. Records are
// copied out, since the writer may still be at work.
#ifndef STRAY_ANALYZER_LOAD_BLACK_BOX_BYTES_H_
#define STRAY_ANALYZER_LOAD_BLACK_BOX_BYTES_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/wire/black_box.h"

namespace stray::analyzer {

class BlackBoxBytes {
 public:
  // Checks the header and the regions. What lies outside of the file is cut off and told in `damage`. Fails
  // with kInvalidArgument (no black box), kUnimplemented (of another version) or kDataLoss (unusable header).
  // `bytes` must outlive the view.
  static absl::StatusOr<BlackBoxBytes> Open(absl::string_view bytes, const std::string& name,
                                            std::vector<std::string>& damage);

  // The header as it was when the view was opened.
  const box::BlackBoxHeader& header() const { return header_; }

  // The snapshot header as it is now.
  box::SnapshotHeader CurrentSnapshotHeader() const;

  // Records (words, bytes) in `region` that are in use and whole.
  uint64_t Count(box::RegionId region) const { return regions_[static_cast<size_t>(region)].count; }

  // The record of `region` with this index; indexes count from 1. Requires 1 <= index <= Count(region).
  template <typename Record>
  Record At(box::RegionId region, uint64_t index) const {
    static_assert(std::is_trivially_copyable_v<Record>);
    Record record;
    std::memcpy(&record, RecordBytes(region, index, sizeof(Record)).data(), sizeof(Record));
    return record;
  }

  // `count` entries at this byte offset of the pool, which is never 0; none if they are not all inside.
  template <typename Entry>
  std::vector<Entry> PoolArray(uint64_t offset, uint64_t count) const {
    static_assert(std::is_trivially_copyable_v<Entry>);
    if (offset == 0) return {};
    return CopyArray<Entry>(Span(box::RegionId::kPool, offset, count, sizeof(Entry)));
  }

  // `count` words from index `first` on, which counts from 1; none if they are not all inside.
  std::vector<uint64_t> Words(uint64_t first, uint64_t count) const;

  // All of a region of bytes. What a living process adds to it is not in it.
  absl::string_view Bytes(box::RegionId region) const { return Span(region, 0, Count(region), 1); }

  // The string at this index, which counts from 1, as UTF-8; "" for 0 and for one that is not inside.
  std::string Text(uint64_t index) const;

 private:
  // A region after checking: `count` records of `record_bytes` each, all inside of the file.
  struct CheckedRegion {
    uint64_t offset = 0;
    uint64_t count = 0;
    uint32_t record_bytes = 0;
  };

  BlackBoxBytes(absl::string_view bytes, const box::BlackBoxHeader& header) : bytes_(bytes), header_(header) {}

  // Checks one region. Returns what is wrong with it, "" if nothing.
  std::string CheckRegion(box::RegionId region);
  absl::string_view RecordBytes(box::RegionId region, uint64_t index, size_t size) const;
  // `count` entries of `size` bytes that begin `skip` records into the region; empty if not all are inside.
  absl::string_view Span(box::RegionId region, uint64_t skip, uint64_t count, size_t size) const;

  template <typename Entry>
  static std::vector<Entry> CopyArray(absl::string_view bytes) {
    std::vector<Entry> entries(bytes.size() / sizeof(Entry));
    if (!entries.empty()) std::memcpy(entries.data(), bytes.data(), bytes.size());
    return entries;
  }

  absl::string_view bytes_;
  box::BlackBoxHeader header_;
  std::array<CheckedRegion, static_cast<size_t>(box::RegionId::kCount)> regions_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_BLACK_BOX_BYTES_H_
