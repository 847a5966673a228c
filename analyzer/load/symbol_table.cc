// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/symbol_table.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"

namespace stray::analyzer {
namespace {

// Saturates: sizes come from files.
uint64_t EndOf(const Symbol& symbol) {
  uint64_t end = symbol.start + symbol.size;
  return end < symbol.start ? UINT64_MAX : end;
}

// The better a symbol is to show, the later it sorts.
auto SortKey(const Symbol& symbol) {
  return std::make_tuple(symbol.start, -static_cast<int64_t>(LeadingUnderscores(symbol.name)), symbol.global,
                         -static_cast<int64_t>(symbol.name.size()), symbol.name, symbol.size);
}

}  // namespace

size_t LeadingUnderscores(absl::string_view name) {
  if (absl::StartsWith(name, "_Z") || absl::StartsWith(name, "_R")) return 0;
  return std::min(name.find_first_not_of('_'), name.size());
}

void SymbolTable::Finish() {
  std::sort(symbols_.begin(), symbols_.end(),
            [](const Symbol& a, const Symbol& b) { return SortKey(a) < SortKey(b); });
  FillUnknownSizes();
  ends_.reserve(symbols_.size());
  uint64_t end = 0;
  for (const Symbol& symbol : symbols_) ends_.push_back(end = std::max(end, EndOf(symbol)));
}

// A label inside a function of known size is no function: it keeps size 0 and is never found.
void SymbolTable::FillUnknownSizes() {
  uint64_t known_end = 0;
  for (size_t i = 0; i < symbols_.size(); ++i) {
    Symbol& symbol = symbols_[i];
    known_end = std::max(known_end, EndOf(symbol));
    if (symbol.size != 0 || symbol.start < known_end) continue;
    size_t next = i + 1;
    while (next < symbols_.size() && symbols_[next].start == symbol.start) ++next;
    uint64_t end = next < symbols_.size() ? std::min(symbols_[next].start, symbol.limit) : symbol.limit;
    if (end > symbol.start) symbol.size = end - symbol.start;
  }
}

const Symbol* SymbolTable::Find(uint64_t address) const {
  auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                [](uint64_t wanted, const Symbol& symbol) { return wanted < symbol.start; });
  for (size_t i = static_cast<size_t>(after - symbols_.begin()); i-- > 0 && ends_[i] > address;) {
    if (EndOf(symbols_[i]) > address) return &symbols_[i];
  }
  return nullptr;
}

}  // namespace stray::analyzer
