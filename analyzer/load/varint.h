// SPDX-License-Identifier: Apache-2.0
// varint.h: numbers as protobuf writes them: seven bits a byte, lowest first, the top bit set in all but the
// last.
#ifndef STRAY_ANALYZER_LOAD_VARINT_H_
#define STRAY_ANALYZER_LOAD_VARINT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

inline void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Takes one off the front of `bytes`. False if there is none that fits into 64 bits.
inline bool TakeVarint(absl::string_view& bytes, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_VARINT_H_
