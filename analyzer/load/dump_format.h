// SPDX-License-Identifier: Apache-2.0
// dump_format.h: the container of a dump, shared by its writer and its reader (docs/FORMAT.md).
//
//   | file header | chunk header | zstd frame | chunk header | zstd frame | ... |
//
// All numbers are little-endian. The payload of a chunk of type 1 is a row of Records, each with its length
// before it as a varint. The last record of a dump is an End.
//
// Why chunks: a dump of a million tasks is written and read in bounded memory, and damage costs one chunk,
// not the rest. Why the magic before each: a reader finds the next one after a damaged one. Why no
// checksum of our own: the zstd frame has one, over the bytes that count.
#ifndef STRAY_ANALYZER_LOAD_DUMP_FORMAT_H_
#define STRAY_ANALYZER_LOAD_DUMP_FORMAT_H_

#include <cstdint>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// As in PNG: not ASCII, so no text file begins like this; ends with CR LF, which a transfer as text changes.
inline constexpr absl::string_view kDumpMagic = "\x93STRAY\r\n";
inline constexpr uint16_t kDumpVersion = 1;
inline constexpr absl::string_view kChunkMagic = "CHNK";
inline constexpr uint32_t kChunkRecords = 1;

// | magic:64 | version:16 | flags:16 | reserved:32 |
struct DumpHeader {
  char magic[8];
  uint16_t version;
  uint16_t flags;     // 0
  uint32_t reserved;  // 0
};
static_assert(sizeof(DumpHeader) == 16 && std::is_trivially_copyable_v<DumpHeader>);

// | magic:32 | type:32 | compressed_bytes:32 | raw_bytes:32 | record_count:32 | reserved:32 |
struct ChunkHeader {
  char magic[4];
  uint32_t type;              // a reader skips, and counts, types it does not know
  uint32_t compressed_bytes;  // of the zstd frame that follows
  uint32_t raw_bytes;         // of its content
  uint32_t record_count;      // records in it
  uint32_t reserved;          // 0
};
static_assert(sizeof(ChunkHeader) == 24 && std::is_trivially_copyable_v<ChunkHeader>);

// Written chunks are closed at this size. One record is never split.
inline constexpr uint32_t kChunkTargetBytes = 1u << 20;

// What a reader accepts. A dump beyond these limits is damaged, or made to do harm.
inline constexpr uint32_t kMaxChunkBytes = 64u << 20;
inline constexpr uint64_t kMaxDumpBytes = uint64_t{8} << 30;  // of all chunks, decompressed
inline constexpr uint64_t kMaxRecords = uint64_t{32} << 20;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "headers are copied as they are");

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_DUMP_FORMAT_H_
