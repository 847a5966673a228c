// SPDX-License-Identifier: Apache-2.0
// symbol_table.h: which function or variable of an ELF file contains an address.
//
// Several symbols can stand for the same place (aliases, versions). The one to show is the one people
// write: without leading underscores, global before local, short.
#ifndef STRAY_ANALYZER_LOAD_SYMBOL_TABLE_H_
#define STRAY_ANALYZER_LOAD_SYMBOL_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

struct Symbol {
  uint64_t start = 0;
  uint64_t size = 0;       // 0: not known; the symbol then ends at the next one, or at `limit`
  uint64_t limit = 0;      // end of its section
  absl::string_view name;  // mangled; must outlive the table
  bool global = false;
};

class SymbolTable {
 public:
  void Add(const Symbol& symbol) { symbols_.push_back(symbol); }

  // Call once, after the last Add() and before the first Find().
  void Finish();

  // The innermost symbol that contains `address`, or null.
  const Symbol* Find(uint64_t address) const;

  size_t size() const { return symbols_.size(); }

 private:
  void FillUnknownSizes();

  std::vector<Symbol> symbols_;  // by start; the alias to show last
  std::vector<uint64_t> ends_;   // ends_[i]: the largest end of symbols_[0..i]
};

// How many underscores a name begins with. Mangled names count as having none.
size_t LeadingUnderscores(absl::string_view name);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_SYMBOL_TABLE_H_
