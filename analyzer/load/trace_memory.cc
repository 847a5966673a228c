// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_memory.h"

#include <algorithm>
#include <bitset>
#include <utility>

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

void TraceMemory::ErasePage(uint64_t number) {
  pages_.erase(number);
  if (number == last_page_) last_page_ = UINT64_MAX;
}

TraceMemory::Granule* TraceMemory::At(uint64_t address) {
  uint32_t& place = PageOf(address, true)->granules[address % kPage / kGranule];
  if (place == 0) {
    // Decided in the same way in each pass.
    if (in_use_ == kMostGranules || next_ == UINT32_MAX) {
      is_full_ = true;
      return nullptr;
    }
    ++in_use_;
    place = NewGranule(address);
  }
  return place == kNoMatter ? nullptr : &granules_[place - 1];
}

// Returns its place.
uint32_t TraceMemory::NewGranule(uint64_t address) {
  const uint32_t number = next_++;
  const uint8_t cuts = is_divided_ ? fates_.Of(number) : 1;
  if (cuts == 0) return kNoMatter;
  if (free_granules_.empty()) {
    granules_.emplace_back();
    free_granules_.push_back(static_cast<uint32_t>(granules_.size()));
  }
  const uint32_t place = free_granules_.back();
  free_granules_.pop_back();
  Granule& granule = granules_[place - 1] = {.number = number, .cuts = cuts};
  if (is_divided_) GiveVariables(granule, address);
  return place;
}

void TraceMemory::GiveVariables(Granule& granule, uint64_t address) {
  const auto count = static_cast<uint32_t>(std::bitset<8>(granule.cuts).count());
  std::vector<uint32_t>& free = free_variables_[count];
  if (free.empty()) {
    free.push_back(static_cast<uint32_t>(variables_.size()));
    variables_.resize(variables_.size() + count);
  }
  granule.first_variable() = free.back();
  free.pop_back();
  unsigned begin = 0;
  uint32_t variable = granule.first_variable();
  for (unsigned byte = 1; byte <= kGranule; ++byte) {
    if (byte < kGranule && (granule.cuts >> byte & 1) == 0) continue;
    variables_[variable++] = {address + begin, byte - begin};
    begin = byte;
  }
}

void TraceMemory::Drop(uint32_t& place) {
  if (place == 0) return;
  --in_use_;
  if (place != kNoMatter) {
    Granule& granule = granules_[place - 1];
    if (!is_divided_) {
      fates_.Set(granule.number, granule.matters() ? granule.cuts : 0);
    } else if (on_gone_) {
      const auto count = static_cast<uint32_t>(std::bitset<8>(granule.cuts).count());
      on_gone_(granule.first_variable(), count);
      free_variables_[count].push_back(granule.first_variable());
    }
    free_granules_.push_back(place);
  }
  place = 0;
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
  for (auto& [number, page] : pages_) {
    for (uint32_t& place : page->granules) Drop(place);
  }
  is_divided_ = true;
  Rewind();
}

void TraceMemory::Rewind() {
  pages_.clear();
  last_page_ = UINT64_MAX;
  last_ = nullptr;
  granules_ = {};
  free_granules_ = {};
  in_use_ = next_ = 0;
  variables_.clear();
  free_variables_ = {};
  on_gone_ = nullptr;
}

void TraceMemory::RewindToReuse(OnGone on_gone) {
  Rewind();
  on_gone_ = std::move(on_gone);
}

void TraceMemory::Renew(uint64_t address, uint64_t bytes) {
  const uint64_t end = bytes < UINT64_MAX - address ? address + bytes : UINT64_MAX;
  if (bytes == 0) return;
  const auto renew = [=, this](Page& page, uint64_t number) {
    const uint64_t first = std::max(address, number * kPage) % kPage;
    const uint64_t last = std::min(end - 1, number * kPage + (kPage - 1)) % kPage;
    for (uint64_t i = first / kGranule; i <= last / kGranule; ++i) Drop(page.granules[i]);
    return first / kGranule == 0 && last / kGranule == kGranulesOfPage - 1;  // all of it
  };
  const uint64_t first_page = address / kPage, last_page = (end - 1) / kPage;
  // A program may reserve much more memory than it uses.
  if (last_page - first_page >= pages_.size()) {
    std::vector<uint64_t> renewed;
    for (const auto& [number, page] : pages_) {
      if (number >= first_page && number <= last_page && renew(*page, number)) renewed.push_back(number);
    }
    for (const uint64_t number : renewed) ErasePage(number);
    return;
  }
  for (uint64_t number = first_page; number <= last_page; ++number) {
    Page* page = PageOf(number * kPage, false);
    if (page != nullptr && renew(*page, number)) ErasePage(number);
  }
}

}  // namespace stray::analyzer
