// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/need_table.h"

#include <algorithm>
#include <array>

namespace stray::analyzer {

NeedTable::NeedTable(size_t tasks) : rows_((tasks + kBlock - 1) / kBlock), blocks_(kBlock) {
  blocks_.Add(std::vector<uint32_t>(kBlock, 0).data());
  rows_.Add(std::vector<uint32_t>(rows_.size(), 0).data());
}

uint32_t NeedTable::Arrays::Add(const uint32_t* values) {
  if ((count_ & kMask) == 0) chunks_.emplace_back(new uint32_t[size_ << kShift]);
  std::copy_n(values, size_, At(count_));
  return count_++;
}

// A block with the later of each two positions: `block` if that has them, or else `same` if that does.
uint32_t NeedTable::Joined(uint32_t block, const uint32_t* positions, uint32_t same) {
  std::array<uint32_t, kBlock> joined;
  std::copy_n(blocks_.At(block), kBlock, joined.begin());
  JoinTimes<kBlock>(joined.data(), positions);
  if (std::equal(joined.begin(), joined.end(), blocks_.At(block))) return block;
  if (std::equal(joined.begin(), joined.end(), blocks_.At(same))) return same;
  return blocks_.Add(joined.data());
}

uint32_t NeedTable::Join(uint32_t row, uint32_t other, uint32_t task, uint32_t position) {
  const uint32_t joined = rows_.Add(rows_.At(row));
  uint32_t* const blocks = rows_.At(joined);
  const uint32_t* const others = rows_.At(other);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const bool is_raised = i == task / kBlock;
    if (!is_raised && (others[i] == 0 || others[i] == blocks[i])) continue;
    std::array<uint32_t, kBlock> wanted;
    std::copy_n(blocks_.At(others[i]), kBlock, wanted.begin());
    if (is_raised) wanted[task % kBlock] = std::max(wanted[task % kBlock], position);
    blocks[i] = Joined(blocks[i], wanted.data(), others[i]);
  }
  return joined;
}

uint32_t NeedTable::Join(uint32_t row, const std::vector<uint32_t>& positions) {
  const uint32_t joined = rows_.Add(rows_.At(row));
  uint32_t* const blocks = rows_.At(joined);
  for (size_t i = 0; i < rows_.size(); ++i) blocks[i] = Joined(blocks[i], &positions[i * kBlock], 0);
  return joined;
}

}  // namespace stray::analyzer
