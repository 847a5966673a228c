// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/black_box_bytes.h"

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/wire/goroutine_records.h"
#include "agent/wire/reach.h"
#include "agent/wire/trace_ring.h"
#include "agent/wire/wait_totals.h"
#include "analyzer/load/utf8.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {
namespace {

using box::RegionId;

// Longer strings are cut: a command line may be 2 MiB.
constexpr size_t kMaxText = 1u << 20;

// What the records of each region measure; must be what the agent says.
constexpr std::array<uint32_t, static_cast<size_t>(RegionId::kCount)> kRecordBytes = {
    sizeof(box::TaskRecord),
    sizeof(box::ObjectRecord),
    sizeof(box::StackRecord),
    sizeof(uint64_t),
    sizeof(box::LockChainRecord),
    1,
    sizeof(box::MisuseRecord),
    sizeof(box::ModuleRecord),
    1,
    sizeof(box::GapRecord),
    sizeof(box::SnapshotTask),
    sizeof(box::GoroutineState),
    sizeof(box::CreationRecord),
    sizeof(box::LifeRecord),
    sizeof(box::HeldLock),
    sizeof(box::CaseRecord),
    sizeof(box::UseRecord),
    1,
    sizeof(box::ReportTask),
    sizeof(box::ReachRecord),
    sizeof(box::WaitTotal),
    sizeof(trace::TraceSlot),
    trace::kTraceChunkBytes,
};

absl::Status CheckHeader(const box::BlackBoxHeader& header, const std::string& name) {
  if (header.version != box::kBlackBoxVersion) {
    return absl::UnimplementedError(
        absl::StrFormat("%s: written by %s stray (black box %d, this one reads %d)", name,
                        header.version > box::kBlackBoxVersion ? "a newer" : "an older", header.version,
                        box::kBlackBoxVersion));
  }
  if (header.header_bytes != sizeof(box::BlackBoxHeader)) {
    return absl::DataLossError(absl::StrFormat("%s@0xc: a header of %d bytes, not %d", name,
                                               header.header_bytes, sizeof(box::BlackBoxHeader)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BlackBoxBytes> BlackBoxBytes::Open(absl::string_view bytes, const std::string& name,
                                                  std::vector<std::string>& damage) {
  const absl::string_view magic(box::kBlackBoxMagic, sizeof(box::kBlackBoxMagic));
  if (bytes.substr(0, magic.size()) != magic) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": not a black box of stray"));
  }
  box::BlackBoxHeader header;
  if (bytes.size() < sizeof(header)) {
    return absl::DataLossError(
        absl::StrFormat("%s@0x%x: the black box ends inside its header", name, bytes.size()));
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  // Pairs with the release stores of `state` and `used`: the records they stand for are there.
  std::atomic_thread_fence(std::memory_order_acquire);
  if (absl::Status status = CheckHeader(header, name); !status.ok()) return status;
  BlackBoxBytes view(bytes, header);
  for (size_t i = 0; i < view.regions_.size(); ++i) {
    const std::string wrong = view.CheckRegion(static_cast<RegionId>(i));
    if (wrong.empty()) continue;
    const size_t place = offsetof(box::BlackBoxHeader, regions) + i * sizeof(box::Region);
    damage.push_back(absl::StrFormat("%s@0x%x: region \"%s\": %s", name, place, RegionWord(i), wrong));
  }
  return view;
}

std::string BlackBoxBytes::CheckRegion(RegionId id) {
  const auto index = static_cast<size_t>(id);
  const box::Region& region = header_.regions[index];
  if (region.used == 0) return "";
  static_assert(std::size(kRecordBytes) == static_cast<size_t>(RegionId::kCount));
  if (region.record_bytes != kRecordBytes[index]) {
    return absl::StrFormat("records of %d bytes, not %d", region.record_bytes, kRecordBytes[index]);
  }
  if (region.offset > bytes_.size()) {
    return absl::StrFormat("begins at 0x%x, the file has 0x%x bytes", region.offset, bytes_.size());
  }
  const uint64_t whole = (bytes_.size() - region.offset) / region.record_bytes;
  const uint64_t claimed = std::min(region.used, region.capacity);
  regions_[index] = {region.offset, std::min(whole, claimed), region.record_bytes};
  if (region.used > region.capacity) {
    return absl::StrFormat("claims %d of %d records", region.used, region.capacity);
  }
  if (claimed > whole) return absl::StrFormat("cut: %d of %d records are there", whole, claimed);
  return "";
}

box::SnapshotHeader BlackBoxBytes::CurrentSnapshotHeader() const {
  std::atomic_thread_fence(std::memory_order_acquire);
  box::SnapshotHeader snapshot;
  std::memcpy(&snapshot, bytes_.data() + offsetof(box::BlackBoxHeader, snapshot), sizeof(snapshot));
  return snapshot;
}

absl::string_view BlackBoxBytes::RecordBytes(RegionId region, uint64_t index, size_t size) const {
  const CheckedRegion& checked = regions_[static_cast<size_t>(region)];
  return bytes_.substr(checked.offset + (index - 1) * checked.record_bytes, size);
}

absl::string_view BlackBoxBytes::Span(RegionId region, uint64_t skip, uint64_t count, size_t size) const {
  const CheckedRegion& checked = regions_[static_cast<size_t>(region)];
  if (skip >= checked.count) return {};
  const uint64_t room = (checked.count - skip) * checked.record_bytes;
  if (count > room / size) return {};
  return bytes_.substr(checked.offset + skip * checked.record_bytes, count * size);
}

std::vector<uint64_t> BlackBoxBytes::Words(uint64_t first, uint64_t count) const {
  if (first == 0) return {};
  return CopyArray<uint64_t>(Span(RegionId::kWords, first - 1, count, sizeof(uint64_t)));
}

std::string BlackBoxBytes::Text(uint64_t index) const {
  const CheckedRegion& strings = regions_[static_cast<size_t>(RegionId::kStrings)];
  if (index == 0 || index > strings.count) return "";
  const size_t room = std::min<uint64_t>(strings.count - (index - 1), kMaxText);
  const absl::string_view text = bytes_.substr(strings.offset + (index - 1), room);
  return ToUtf8(text.substr(0, text.find('\0')));
}

}  // namespace stray::analyzer
