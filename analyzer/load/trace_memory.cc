// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_memory.h"

namespace stray::analyzer {

TraceMemory::Page* TraceMemory::PageOf(uint64_t address, bool makes) {
  const uint64_t number = address / kPage;
  if (number == last_page_) return last_;
  const auto found = pages_.find(number);
  if (found == pages_.end() && !makes) return nullptr;
  std::unique_ptr<Page>& page = found == pages_.end() ? pages_[number] : found->second;
  if (page == nullptr) page = std::make_unique<Page>();
  last_page_ = number;
  return last_ = page.get();
}

TraceMemory::Granule& TraceMemory::At(uint64_t address) {
  uint32_t& number = PageOf(address, true)->granules[address % kPage / kGranule];
  if (number == 0) {
    number = ++next_;
    if (!is_divided_) granules_.push_back({.address = address});
  }
  return granules_[number - 1];
}

void TraceMemory::Learn(uint64_t address, uint64_t bytes, uint32_t task, bool writes) {
  ForEach(address, bytes, [&](Granule& granule, unsigned first, unsigned behind) {
    granule.cuts |= static_cast<uint8_t>(1u << first);
    if (behind < kGranule) granule.cuts |= static_cast<uint8_t>(1u << behind);
    if (granule.task == kNobody) granule.task = task;
    granule.is_shared |= granule.task != task;
    granule.is_written |= writes;
  });
}

void TraceMemory::Divide() {
  for (Granule& granule : granules_) {
    if (!granule.matters()) continue;
    granule.first_variable = static_cast<uint32_t>(variables_.size());
    unsigned begin = 0;
    for (unsigned byte = 1; byte <= kGranule; ++byte) {
      if (byte < kGranule && (granule.cuts >> byte & 1) == 0) continue;
      variables_.push_back({granule.address + begin, byte - begin});
      begin = byte;
    }
  }
  is_divided_ = true;
  next_ = 0;
  pages_.clear();
  last_page_ = UINT64_MAX;
  last_ = nullptr;
}

void TraceMemory::Renew(uint64_t address, uint64_t bytes) {
  for (uint64_t at = address & ~(kGranule - 1), end = address + bytes; at < end;) {
    Page* page = PageOf(at, false);
    const uint64_t page_end = (at / kPage + 1) * kPage;
    if (page == nullptr) {
      at = page_end;
      continue;
    }
    for (; at < end && at < page_end; at += kGranule) page->granules[at % kPage / kGranule] = 0;
  }
}

}  // namespace stray::analyzer
