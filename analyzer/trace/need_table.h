// SPDX-License-Identifier: Apache-2.0
// need_table.h: rows of positions, one of each task: what must have happened when something has.
//
// A row is made from an older one and differs from it in few places, so rows share blocks of positions that are
// equal. With some dozens of tasks that saves little; with thousands it is what lets the rows fit into memory.
#ifndef STRAY_ANALYZER_TRACE_NEED_TABLE_H_
#define STRAY_ANALYZER_TRACE_NEED_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "analyzer/trace/vector_clock.h"

namespace stray::analyzer {

class NeedTable {
 public:
  // With one row, number 0, of nothing.
  explicit NeedTable(size_t tasks);

  // Of a row with room for whole blocks.
  size_t row_size() const { return rows_.size() * kBlock; }

  uint32_t Of(uint32_t row, uint32_t task) const {
    return blocks_.At(rows_.At(row)[task / kBlock])[task % kBlock];
  }

  // `limits` has row_size() places.
  void JoinTo(uint32_t row, uint32_t* limits) const {
    const uint32_t* const blocks = rows_.At(row);
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (blocks[i] != 0) JoinTimes<kBlock>(limits + i * kBlock, blocks_.At(blocks[i]));
    }
  }

  // A new row: the later of each two positions of `row` and `other`, and for `task` at least `position`.
  uint32_t Join(uint32_t row, uint32_t other, uint32_t task, uint32_t position);
  // The same of `row` and row_size() positions.
  uint32_t Join(uint32_t row, const std::vector<uint32_t>& positions);

 private:
  static constexpr size_t kBlock = 16;

  // Arrays of one size that stay where they are, so that none is copied when there are more.
  class Arrays {
   public:
    explicit Arrays(size_t size) : size_(size) {}

    size_t size() const { return size_; }
    uint32_t* At(uint32_t number) const { return chunks_[number >> kShift].get() + (number & kMask) * size_; }
    uint32_t Add(const uint32_t* values);

   private:
    static constexpr uint32_t kShift = 8, kMask = (1U << kShift) - 1;

    size_t size_;
    uint32_t count_ = 0;
    std::vector<std::unique_ptr<uint32_t[]>> chunks_;
  };

  uint32_t Joined(uint32_t block, const uint32_t* positions, uint32_t same);

  Arrays rows_;    // numbers of blocks
  Arrays blocks_;  // of positions; block 0 is of nothing
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_NEED_TABLE_H_
