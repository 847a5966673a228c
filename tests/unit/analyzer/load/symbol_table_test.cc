// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/symbol_table.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

Symbol At(uint64_t start, uint64_t size, absl::string_view name, bool global = true) {
  return {start, size, /*limit=*/0x10000, name, global};
}

std::string NameAt(const SymbolTable& table, uint64_t address) {
  const Symbol* symbol = table.Find(address);
  return symbol == nullptr ? "" : std::string(symbol->name);
}

TEST(SymbolTableTest, FindsTheSymbolThatContainsTheAddress) {
  SymbolTable table;
  table.Add(At(0x200, 0x10, "second"));
  table.Add(At(0x100, 0x10, "first"));
  table.Finish();
  EXPECT_EQ(NameAt(table, 0x100), "first");
  EXPECT_EQ(NameAt(table, 0x10f), "first");
  EXPECT_EQ(NameAt(table, 0x110), "");
  EXPECT_EQ(NameAt(table, 0x205), "second");
  EXPECT_EQ(NameAt(table, 0xff), "");
}

TEST(SymbolTableTest, AnEmptyTableKnowsNothing) {
  SymbolTable table;
  table.Finish();
  EXPECT_EQ(table.Find(0), nullptr);
}

TEST(SymbolTableTest, OfAliasesTheOnePeopleWriteIsShown) {
  SymbolTable table;
  table.Add(At(0x100, 0x10, "__libc_read"));
  table.Add(At(0x100, 0x10, "read"));
  table.Add(At(0x100, 0x10, "__read"));
  table.Add(At(0x200, 0x10, "local", /*global=*/false));
  table.Add(At(0x200, 0x10, "exported_name"));
  table.Finish();
  EXPECT_EQ(NameAt(table, 0x108), "read");
  EXPECT_EQ(NameAt(table, 0x208), "exported_name");
}

TEST(SymbolTableTest, AnOuterSymbolIsFoundBehindTheOnesInsideIt) {
  SymbolTable table;
  table.Add(At(0x100, 0x100, "outer"));
  table.Add(At(0x110, 0x8, "inner"));
  table.Add(At(0x120, 0x8, "inner_too"));
  table.Finish();
  EXPECT_EQ(NameAt(table, 0x114), "inner");
  EXPECT_EQ(NameAt(table, 0x150), "outer");
}

TEST(SymbolTableTest, ASymbolOfUnknownSizeEndsAtTheNextOrAtItsSection) {
  SymbolTable table;
  table.Add(At(0x100, 0, "assembly"));
  table.Add(At(0x180, 0x10, "next"));
  table.Add(At(0x8000, 0, "last"));
  table.Finish();
  EXPECT_EQ(NameAt(table, 0x17f), "assembly");
  EXPECT_EQ(NameAt(table, 0xffff), "last");
  EXPECT_EQ(NameAt(table, 0x10000), "");
}

TEST(SymbolTableTest, ALabelInsideAFunctionIsNoFunction) {
  SymbolTable table;
  table.Add(At(0x100, 0x100, "function"));
  table.Add(At(0x140, 0, "label"));
  table.Finish();
  EXPECT_EQ(NameAt(table, 0x144), "function");
}

TEST(SymbolTableTest, SizesThatWrapAroundDoNoHarm) {
  SymbolTable table;
  table.Add(At(UINT64_MAX - 8, UINT64_MAX, "hostile"));
  table.Finish();
  EXPECT_EQ(NameAt(table, UINT64_MAX - 1), "hostile");
  EXPECT_EQ(NameAt(table, 0x10), "");
}

TEST(SymbolTableTest, AgreesWithASearchThroughAllSymbols) {
  constexpr uint32_t kSeed = 20260101;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937 random(kSeed);
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back("f" + std::to_string(i));
  std::vector<Symbol> symbols;
  SymbolTable table;
  for (const std::string& name : names) {
    symbols.push_back(At(random() % 0x1000, 1 + random() % 0x40, name));
    table.Add(symbols.back());
  }
  table.Finish();
  for (uint64_t address = 0; address < 0x1100; ++address) {
    uint64_t best = 0;
    bool any = false;
    for (const Symbol& symbol : symbols) {
      if (symbol.start > address || address - symbol.start >= symbol.size) continue;
      best = any ? std::max(best, symbol.start) : symbol.start;
      any = true;
    }
    const Symbol* found = table.Find(address);
    ASSERT_EQ(found != nullptr, any) << address;
    if (any) {
      ASSERT_EQ(found->start, best) << address;
    }
  }
}

}  // namespace
}  // namespace stray::analyzer
