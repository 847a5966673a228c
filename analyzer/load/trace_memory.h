// SPDX-License-Identifier: Apache-2.0
// trace_memory.h: which accesses of a trace are to the same variable.
//
// Programs access bytes, words and parts of words at the same place. What an engine needs are variables that
// are the same or have nothing in common. So each eight bytes of memory are divided where accesses to them
// begin and end, and an access is one to all of the parts that it covers. Memory that is given back, or is the
// stack of a new task, becomes other variables.
//
// Several passes over the same events, in the same order: the first learns how memory is divided, and which of
// it several tasks use, one of them to write. Nothing else can race. All need memory for what is in use at a
// time; what the first has learned of the rest is a byte for each eight that were shared, and none for others.
#ifndef STRAY_ANALYZER_LOAD_TRACE_MEMORY_H_
#define STRAY_ANALYZER_LOAD_TRACE_MEMORY_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
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

  // After the first pass.
  void Divide();

  // Before each later pass. Variables are numbered as they come.
  void Rewind();

  // The same, and numbers of variables that are gone are used again. `on_gone` gets them before.
  using OnGone = std::function<void(uint32_t first, uint32_t count)>;
  void RewindToReuse(OnGone on_gone);

  // Later passes: calls `on_variable` with the number of each variable that the access is to, if it is one that
  // matters.
  template <typename OnVariable>
  void Access(uint64_t address, uint64_t bytes, OnVariable on_variable);

  // All passes: what lies there from now on is something else.
  void Renew(uint64_t address, uint64_t bytes);

  // All passes: what lies there is no variable, whatever was done to it before.
  void Leave(uint64_t address, uint64_t bytes) {
    ForEach(address, bytes, [](Granule& granule, unsigned, unsigned) { granule.is_left_out = true; });
  }

  // There was more memory at a time than is kept apart: accesses to the rest are left out.
  bool is_full() const { return is_full_; }

  const std::vector<Variable>& variables() const { return variables_; }

 private:
  static constexpr uint64_t kGranule = 8, kPage = 4096, kGranulesOfPage = kPage / kGranule;
  static constexpr uint32_t kMostGranules = 1u << 27;
  static constexpr uint32_t kNobody = UINT32_MAX;
  static constexpr uint32_t kNoMatter = UINT32_MAX;

  // Eight bytes, as long as they are the same memory.
  struct Granule {
    uint32_t number;          // in the order in which they are first accessed, in all passes
    uint32_t task = kNobody;  // that came first
    uint8_t cuts = 1;         // bit i: a part begins at byte i
    bool is_shared = false;
    bool is_written = false;
    bool is_left_out = false;
    bool matters() const { return is_shared && is_written && !is_left_out; }
    uint32_t& first_variable() { return task; }  // in later passes
  };
  struct Page {
    // Place in granules_, from 1; 0: not accessed yet; kNoMatter: in a later pass.
    std::array<uint32_t, kGranulesOfPage> granules = {};
  };
  // What the first pass has learned, by number: the cuts of those that matter, 0 for others. A chunk of which
  // all is known and the same, as words in blocks that tasks hand to each other are, is one number.
  class Fates {
   public:
    // Once for each number, in any order.
    void Set(uint32_t number, uint8_t cuts) {
      const size_t at = number / kNumbers;
      if (at >= chunks_.size()) chunks_.resize(at + 1);
      Chunk& chunk = chunks_[at];
      ++chunk.known;
      if (cuts != 0 && chunk.cuts == nullptr) chunk.cuts = std::make_unique<std::array<uint8_t, kNumbers>>();
      if (chunk.cuts == nullptr) return;
      (*chunk.cuts)[number % kNumbers] = cuts;
      if (chunk.known == kNumbers) chunk.Pack();
    }
    uint8_t Of(uint32_t number) const {
      const size_t at = number / kNumbers;
      if (at >= chunks_.size()) return 0;
      return chunks_[at].cuts == nullptr ? chunks_[at].all : (*chunks_[at].cuts)[number % kNumbers];
    }

   private:
    static constexpr size_t kNumbers = 4096;
    struct Chunk {
      std::unique_ptr<std::array<uint8_t, kNumbers>> cuts;  // null: `all` for all of them
      uint16_t known = 0;
      uint8_t all = 0;

      void Pack() {
        all = cuts->front();
        if (std::all_of(cuts->begin(), cuts->end(), [this](uint8_t one) { return one == all; })) cuts.reset();
      }
    };
    std::vector<Chunk> chunks_;
  };

  Page* PageOf(uint64_t address, bool makes);
  void ErasePage(uint64_t number);
  // Null: it does not matter, or there is no room.
  Granule* At(uint64_t address);
  uint32_t NewGranule(uint64_t address);
  void GiveVariables(Granule& granule, uint64_t address);
  // It is no longer that memory.
  void Drop(uint32_t& place);

  // Calls `on_part` with each granule of the range and the bytes of it that are meant: first, and behind the
  // last.
  template <typename OnPart>
  void ForEach(uint64_t address, uint64_t bytes, OnPart on_part) {
    for (uint64_t at = address, end = address + bytes; at < end;) {
      const uint64_t base = at & ~(kGranule - 1);
      const uint64_t behind = end - base < kGranule ? end - base : kGranule;
      if (Granule* granule = At(base); granule != nullptr) {
        on_part(*granule, static_cast<unsigned>(at - base), static_cast<unsigned>(behind));
      }
      at = base + kGranule;
    }
  }

  absl::flat_hash_map<uint64_t, std::unique_ptr<Page>> pages_;
  uint64_t last_page_ = UINT64_MAX;
  Page* last_ = nullptr;
  std::vector<Granule> granules_;  // in use, and free ones
  std::vector<uint32_t> free_granules_;
  uint32_t in_use_ = 0;  // also such as do not matter
  uint32_t next_ = 0;    // number
  Fates fates_;
  bool is_divided_ = false;
  bool is_full_ = false;
  std::vector<Variable> variables_;
  OnGone on_gone_;                                                  // null: numbers are not used again
  std::array<std::vector<uint32_t>, kGranule + 1> free_variables_;  // the first of so many
};

template <typename OnVariable>
void TraceMemory::Access(uint64_t address, uint64_t bytes, OnVariable on_variable) {
  ForEach(address, bytes, [&](Granule& granule, unsigned first, unsigned behind) {
    uint32_t variable = granule.first_variable();
    for (unsigned byte = 0; byte < behind; ++byte) {
      if ((granule.cuts >> byte & 1) == 0) continue;
      if (byte >= first) on_variable(variable);
      ++variable;
    }
  });
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_MEMORY_H_
