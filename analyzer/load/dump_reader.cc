// SPDX-License-Identifier: Apache-2.0
// dump_reader.cc: a dump becomes a Model.
//
// Everything in the file is hostile: sizes are compared with what is left and with the limits of
// dump_format.h before anything is allocated or copied. A bad chunk costs itself: reading goes on at the
// next chunk magic after it.
#include <zstd.h>

#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/load/dump_format.h"
#include "analyzer/load/load.h"
#include "analyzer/load/model_records.h"
#include "analyzer/load/varint.h"

namespace stray::analyzer {
namespace {

// A thoroughly damaged file is not described place by place.
constexpr uint64_t kMaxDamageMessages = 50;

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class DumpReader {
 public:
  DumpReader(absl::string_view bytes, const std::string& name)
      : bytes_(bytes), name_(name), builder_(name), zstd_(ZSTD_createDCtx()) {}

  absl::StatusOr<Model> Read();

 private:
  absl::Status ReadFileHeader();
  void ReadChunks();
  absl::Status ReadChunk(size_t offset, size_t& end);
  absl::Status CheckLimits(const ChunkHeader& header);
  absl::Status Decompress(absl::string_view frame, uint32_t raw_bytes);
  absl::Status ReadRecords(absl::string_view raw, uint32_t record_count);
  size_t FindChunk(size_t from) const;
  void AddDamageAt(size_t offset, absl::string_view what);
  void CheckEnd();

  absl::string_view bytes_;
  const std::string& name_;
  ModelBuilder builder_;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> zstd_;
  std::string raw_;
  uint64_t raw_total_ = 0;
  uint64_t records_total_ = 0;
  uint64_t unknown_chunks_ = 0;
  uint64_t damages_ = 0;
};

void DumpReader::AddDamageAt(size_t offset, absl::string_view what) {
  if (++damages_ > kMaxDamageMessages) return;
  builder_.AddDamage(absl::StrFormat("%s@0x%x: %s", name_, offset, what));
}

absl::Status DumpReader::ReadFileHeader() {
  DumpHeader header;
  if (bytes_.substr(0, kDumpMagic.size()) != kDumpMagic) {
    return absl::InvalidArgumentError(absl::StrCat(name_, ": not a dump of stray"));
  }
  if (bytes_.size() < sizeof(header)) {
    return absl::DataLossError(
        absl::StrFormat("%s@0x%x: the dump ends inside its header", name_, bytes_.size()));
  }
  std::memcpy(&header, bytes_.data(), sizeof(header));
  if (header.version > kDumpVersion) {
    return absl::UnimplementedError(absl::StrFormat(
        "%s: written by a newer stray (format %d, this one reads %d)", name_, header.version, kDumpVersion));
  }
  if (header.version == 0) return absl::DataLossError(absl::StrCat(name_, "@0x8: format 0 does not exist"));
  return absl::OkStatus();
}

size_t DumpReader::FindChunk(size_t from) const {
  const size_t found = bytes_.find(kChunkMagic, from);
  return found == absl::string_view::npos ? bytes_.size() : found;
}

absl::Status DumpReader::CheckLimits(const ChunkHeader& header) {
  if (header.raw_bytes > kMaxChunkBytes) {
    return absl::DataLossError(
        absl::StrFormat("the chunk claims %d bytes, %d are allowed", header.raw_bytes, kMaxChunkBytes));
  }
  if (header.record_count > header.raw_bytes) {
    return absl::DataLossError(
        absl::StrFormat("the chunk claims %d records in %d bytes", header.record_count, header.raw_bytes));
  }
  raw_total_ += header.raw_bytes;
  records_total_ += header.record_count;
  if (raw_total_ > kMaxDumpBytes || records_total_ > kMaxRecords) {
    return absl::ResourceExhaustedError("the dump is larger than this stray reads; the rest is left out");
  }
  return absl::OkStatus();
}

absl::Status DumpReader::Decompress(absl::string_view frame, uint32_t raw_bytes) {
  const unsigned long long content = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (content == ZSTD_CONTENTSIZE_ERROR) return absl::DataLossError("the chunk is damaged: not a zstd frame");
  if (content != raw_bytes) return absl::DataLossError("the chunk is damaged: its sizes contradict each other");
  if (raw_.size() < raw_bytes) raw_.resize(raw_bytes);
  const size_t got = ZSTD_decompressDCtx(zstd_.get(), raw_.data(), raw_bytes, frame.data(), frame.size());
  if (ZSTD_isError(got)) {
    return absl::DataLossError(absl::StrFormat("the chunk is damaged: %s", ZSTD_getErrorName(got)));
  }
  if (got != raw_bytes) return absl::DataLossError("the chunk is damaged: it is shorter than it claims");
  return absl::OkStatus();
}

absl::Status DumpReader::ReadRecords(absl::string_view raw, uint32_t record_count) {
  builder_.BeginChunk();
  uint64_t records = 0;
  while (!raw.empty()) {
    uint64_t length = 0;
    if (!TakeVarint(raw, length) || length > raw.size()) {
      return absl::DataLossError(
          absl::StrFormat("record %d of the chunk is longer than the chunk", records + 1));
    }
    if (++records > record_count) return absl::DataLossError("the chunk holds more records than it claims");
    if (!builder_.AddSerialized(raw.substr(0, length))) {
      return absl::DataLossError(absl::StrFormat("record %d of the chunk is malformed", records));
    }
    raw.remove_prefix(length);
  }
  if (records != record_count) return absl::DataLossError("the chunk holds fewer records than it claims");
  return absl::OkStatus();
}

// Reads the chunk at `offset`. Sets `end` to where the next one is to be looked for: behind this one if its
// frame could be trusted, else right behind its magic.
absl::Status DumpReader::ReadChunk(size_t offset, size_t& end) {
  end = offset + kChunkMagic.size();
  ChunkHeader header;
  if (bytes_.size() - offset < sizeof(header)) {
    return absl::DataLossError(absl::StrFormat("the chunk header has %d bytes only", bytes_.size() - offset));
  }
  std::memcpy(&header, bytes_.data() + offset, sizeof(header));
  const absl::string_view rest = bytes_.substr(offset + sizeof(header));
  if (header.compressed_bytes > rest.size()) {
    return absl::DataLossError(absl::StrFormat("the chunk claims %d compressed bytes, %d are left",
                                               header.compressed_bytes, rest.size()));
  }
  const size_t chunk_end = offset + sizeof(header) + header.compressed_bytes;
  if (header.type != kChunkRecords) {
    ++unknown_chunks_;
    end = chunk_end;
    return absl::OkStatus();
  }
  if (absl::Status status = CheckLimits(header); !status.ok()) return status;
  if (absl::Status status = Decompress(rest.substr(0, header.compressed_bytes), header.raw_bytes);
      !status.ok()) {
    return status;
  }
  end = chunk_end;
  return ReadRecords(absl::string_view(raw_).substr(0, header.raw_bytes), header.record_count);
}

void DumpReader::ReadChunks() {
  size_t offset = sizeof(DumpHeader);
  while (offset < bytes_.size()) {
    const size_t chunk = FindChunk(offset);
    if (chunk != offset) {
      AddDamageAt(offset, absl::StrFormat("%d bytes are no chunk and were skipped", chunk - offset));
      offset = chunk;
      continue;
    }
    size_t end = offset;
    const absl::Status status = ReadChunk(offset, end);
    if (!status.ok()) AddDamageAt(offset, status.message());
    if (absl::IsResourceExhausted(status)) break;
    // After a bad chunk the bytes up to the next one are part of it, and have been reported with it.
    offset = end;
    if (!status.ok()) offset = FindChunk(end);
  }
}

void DumpReader::CheckEnd() {
  if (unknown_chunks_ > 0) {
    builder_.AddDamage(absl::StrCat(name_, ": skipped ", unknown_chunks_, " chunks of unknown type"));
  }
  if (damages_ > kMaxDamageMessages) {
    builder_.AddDamage(absl::StrCat(name_, ": damaged in ", damages_ - kMaxDamageMessages, " more places"));
  }
  if (!builder_.end_count().has_value()) {
    builder_.AddDamage(absl::StrFormat("%s@0x%x: the dump was cut: its end is missing", name_, bytes_.size()));
  } else if (builder_.record_count() < *builder_.end_count()) {
    builder_.AddDamage(absl::StrFormat("%s: %d of %d records are missing", name_,
                                       *builder_.end_count() - builder_.record_count(), *builder_.end_count()));
  }
}

absl::StatusOr<Model> DumpReader::Read() {
  if (zstd_ == nullptr) return absl::ResourceExhaustedError("zstd: out of memory");
  if (absl::Status status = ReadFileHeader(); !status.ok()) return status;
  ReadChunks();
  CheckEnd();
  const bool whole = damages_ == 0 && builder_.end_count().has_value();
  const bool has_process = builder_.HasProcess();
  Model model = builder_.Finish();
  if (!has_process && !whole)
    return absl::DataLossError(absl::StrCat(model.damage.front(), "; nothing could be read"));
  return model;
}

}  // namespace

absl::StatusOr<Model> ReadDump(absl::string_view bytes, const std::string& name) {
  return DumpReader(bytes, name).Read();
}

}  // namespace stray::analyzer
