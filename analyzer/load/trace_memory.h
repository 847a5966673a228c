// SPDX-License-Identifier: Apache-2.0
// trace_memory.h: which accesses of a trace are to the same variable.
//
// Programs access bytes, words and parts of words at the same place. What an engine needs are variables that
// are the same or have nothing in common. So each eight bytes of memory are divided where accesses to them
// begin and end, and an access is one to all of the parts that it covers. Memory that is given back, or is the
// stack of a new task, becomes other variables.
//
// Two passes over the same events, in the same order: the first learns how memory is divided, and which of it
// several tasks use, one of them to write. Nothing else can race.
#ifndef STRAY_ANALYZER_LOAD_TRACE_MEMORY_H_
#define STRAY_ANALYZER_LOAD_TRACE_MEMORY_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace stray::analyzer {

class TraceMemory {
 public:
  // What a variable is.
  struct Variable {
    uint64_t address;
    uint32_t bytes;
  };

  // First pass.
  void Learn(uint64_t address, uint64_t bytes, uint32_t task, bool writes);

  // After the first pass: numbers the variables.
  void Divide();

  // Second pass: calls `on_variable` with the number of each variable that the access is to, if it is one that
  // matters.
  template <typename OnVariable>
  void Access(uint64_t address, uint64_t bytes, OnVariable on_variable);

  // Both passes: what lies there from now on is something else.
  void Renew(uint64_t address, uint64_t bytes);

  // Both passes: what lies there is no variable, whatever was done to it before.
  void Leave(uint64_t address, uint64_t bytes) {
    ForEach(address, bytes, [](Granule& granule, unsigned, unsigned) { granule.is_left_out = true; });
  }

  // There was more memory than is kept apart: accesses to the rest are left out.
  bool is_full() const { return is_full_; }

  const std::vector<Variable>& variables() const { return variables_; }

 private:
  static constexpr uint64_t kGranule = 8, kPage = 4096;
  static constexpr uint32_t kMostGranules = 1u << 27;
  static constexpr uint32_t kNobody = UINT32_MAX;

  // Eight bytes, as long as they are the same memory.
  struct Granule {
    uint64_t address;
    uint32_t task = kNobody;  // that came first
    uint32_t first_variable = 0;
    uint8_t cuts = 1;  // bit i: a part begins at byte i
    bool is_shared = false;
    bool is_written = false;
    bool is_left_out = false;
    bool matters() const { return is_shared && is_written && !is_left_out; }
  };
  struct Page {
    std::array<uint32_t, kPage / kGranule> granules = {};  // number, from 1; 0: not accessed yet
  };

  Page* PageOf(uint64_t address, bool makes);
  Granule& At(uint64_t address);

  // Calls `on_part` with each granule of the range and the bytes of it that are meant: first, and behind the
  // last.
  template <typename OnPart>
  void ForEach(uint64_t address, uint64_t bytes, OnPart on_part) {
    for (uint64_t at = address, end = address + bytes; at < end;) {
      const uint64_t base = at & ~(kGranule - 1);
      const uint64_t behind = end - base < kGranule ? end - base : kGranule;
      on_part(At(base), static_cast<unsigned>(at - base), static_cast<unsigned>(behind));
      at = base + kGranule;
    }
  }

  absl::flat_hash_map<uint64_t, std::unique_ptr<Page>> pages_;
  uint64_t last_page_ = UINT64_MAX;
  Page* last_ = nullptr;
  std::vector<Granule> granules_;  // in the order in which they are first accessed, in both passes
  uint32_t next_ = 0;
  bool is_divided_ = false;
  bool is_full_ = false;
  Granule left_over_ = {};  // for all that there is no room for
  std::vector<Variable> variables_;
};

template <typename OnVariable>
void TraceMemory::Access(uint64_t address, uint64_t bytes, OnVariable on_variable) {
  ForEach(address, bytes, [&](const Granule& granule, unsigned first, unsigned behind) {
    if (!granule.matters()) return;
    uint32_t variable = granule.first_variable;
    for (unsigned byte = 0; byte < behind; ++byte) {
      if ((granule.cuts >> byte & 1) == 0) continue;
      if (byte >= first) on_variable(variable);
      ++variable;
    }
  });
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_MEMORY_H_
