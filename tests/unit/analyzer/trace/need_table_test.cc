// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/need_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace stray::analyzer {
namespace {

std::vector<uint32_t> RowOf(const NeedTable& table, uint32_t row, size_t tasks) {
  std::vector<uint32_t> positions;
  for (uint32_t task = 0; task < tasks; ++task) positions.push_back(table.Of(row, task));
  return positions;
}

std::vector<uint32_t> Later(std::vector<uint32_t> a, const std::vector<uint32_t>& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] = std::max(a[i], b[i]);
  return a;
}

TEST(NeedTableTest, TheFirstRowIsOfNothing) {
  const NeedTable table(17);
  EXPECT_EQ(RowOf(table, 0, 17), std::vector<uint32_t>(17, 0));
  EXPECT_GE(table.row_size(), 17u);
}

// Enough rows for several chunks of them, and of blocks.
TEST(NeedTableTest, RowsAreWhatWholeRowsWouldBe) {
  for (const size_t tasks : {1, 2, 16, 17, 33, 100}) {
    std::mt19937 random(static_cast<uint32_t>(tasks));
    NeedTable table(tasks);
    std::vector<std::vector<uint32_t>> rows = {std::vector<uint32_t>(tasks, 0)};
    for (uint32_t position = 1; position < 2000; ++position) {
      // Mostly of late ones, so that they grow.
      const auto some = [&] {
        return static_cast<uint32_t>(rows.size() - 1 - random() % std::min<size_t>(rows.size(), 9));
      };
      const uint32_t row = some(), other = some(), task = static_cast<uint32_t>(random() % tasks);
      std::vector<uint32_t> wanted = Later(rows[row], rows[other]);
      if (position % 3 == 0) {
        wanted.resize(table.row_size());
        wanted[task] = position;
        EXPECT_EQ(table.Join(row, wanted), rows.size());
        wanted.resize(tasks);
      } else {
        wanted[task] = std::max(wanted[task], position / 2);
        EXPECT_EQ(table.Join(row, other, task, position / 2), rows.size());
      }
      rows.push_back(wanted);
    }
    std::vector<uint32_t> limits(table.row_size(), 700);
    for (uint32_t row = 0; row < rows.size(); ++row) {
      ASSERT_EQ(RowOf(table, row, tasks), rows[row]) << tasks << " tasks, row " << row;
      std::vector<uint32_t> raised = limits;
      table.JoinTo(row, raised.data());
      raised.resize(tasks);
      ASSERT_EQ(raised, Later(std::vector<uint32_t>(tasks, 700), rows[row]));
    }
  }
}

}  // namespace
}  // namespace stray::analyzer
