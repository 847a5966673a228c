// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_memory.h"

#include <algorithm>

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
    if (next_ == kMostGranules) {
      is_full_ = true;
      left_over_ = {};
      return left_over_;
    }
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
  const uint64_t end = bytes < UINT64_MAX - address ? address + bytes : UINT64_MAX;
  if (bytes == 0) return;
  const auto renew = [=](Page& page, uint64_t number) {
    const uint64_t first = std::max(address, number * kPage) % kPage;
    const uint64_t last = std::min(end - 1, number * kPage + (kPage - 1)) % kPage;
    for (uint64_t i = first / kGranule; i <= last / kGranule; ++i) page.granules[i] = 0;
  };
  const uint64_t first_page = address / kPage, last_page = (end - 1) / kPage;
  // A program may reserve much more memory than it uses.
  if (last_page - first_page >= pages_.size()) {
    for (const auto& [number, page] : pages_) {
      if (number >= first_page && number <= last_page) renew(*page, number);
    }
    return;
  }
  for (uint64_t number = first_page; number <= last_page; ++number) {
    if (Page* page = PageOf(number * kPage, false); page != nullptr) renew(*page, number);
  }
}

}  // namespace stray::analyzer
