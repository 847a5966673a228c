// SPDX-License-Identifier: Apache-2.0
// dump_writer.cc: a Model becomes a dump.
#include <zstd.h>

#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/load/dump_format.h"
#include "analyzer/load/load.h"
#include "analyzer/load/model_records.h"
#include "analyzer/load/output_file.h"
#include "analyzer/load/varint.h"

namespace stray::analyzer {
namespace {

constexpr int kZstdLevel = 3;

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

template <typename Header>
absl::string_view AsBytes(const Header& header) {
  return {reinterpret_cast<const char*>(&header), sizeof(header)};
}

// Appends a wire::Record in which `message` stands as field `field`, without making a Record of it first.
void AppendRecord(int field, const google::protobuf::Message& message, std::string& out) {
  constexpr uint64_t kLengthDelimited = 2;
  std::string head;
  AppendVarint(static_cast<uint64_t>(field) << 3 | kLengthDelimited, head);
  const size_t size = message.ByteSizeLong();
  AppendVarint(size, head);
  AppendVarint(head.size() + size, out);
  out.append(head);
  message.AppendToString(&out);
}

class DumpWriter : public RecordSink {
 public:
  explicit DumpWriter(const std::string& path) : file_(path), zstd_(ZSTD_createCCtx()) {}

  absl::Status Write(const Model& model);

 private:
  void OnRecord(int field, const google::protobuf::Message& message) override;
  void OnUnknown(absl::string_view bytes) override;
  absl::Status Open();
  void RememberContext(int field, const google::protobuf::Message& message);
  void BeginChunk();
  void FlushIfFull();
  absl::Status Flush();

  OutputFile file_;
  std::unique_ptr<ZSTD_CCtx, FreeZstd> zstd_;
  std::string raw_;
  std::string frame_;
  uint32_t records_in_chunk_ = 0;
  uint64_t records_ = 0;
  // What a chunk must begin with to be understood alone: see ModelBuilder::BeginChunk().
  std::string process_context_;
  std::string snapshot_context_;
  absl::Status status_;  // the first failure; nothing is written after it
};

absl::Status DumpWriter::Open() {
  if (zstd_ == nullptr) return absl::ResourceExhaustedError("zstd: out of memory");
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, 1);
  if (absl::Status status = file_.Open(); !status.ok()) return status;
  DumpHeader header = {};
  std::memcpy(header.magic, kDumpMagic.data(), sizeof(header.magic));
  header.version = kDumpVersion;
  return file_.Append(AsBytes(header));
}

void DumpWriter::RememberContext(int field, const google::protobuf::Message& message) {
  if (field == wire::Record::kProcess) {
    process_context_.clear();
    snapshot_context_.clear();
    AppendRecord(field, message, process_context_);
  } else if (field == wire::Record::kSnapshot) {
    snapshot_context_.clear();
    AppendRecord(field, message, snapshot_context_);
  } else if (field != wire::Record::kTaskState && field != wire::Record::kReachEdge) {
    snapshot_context_.clear();
  }
}

void DumpWriter::BeginChunk() {
  for (const std::string* context : {&process_context_, &snapshot_context_}) {
    if (context->empty()) continue;
    raw_.append(*context);
    ++records_in_chunk_;
  }
}

void DumpWriter::FlushIfFull() {
  ++records_in_chunk_;
  ++records_;
  if (raw_.size() < kChunkTargetBytes || !status_.ok()) return;
  status_ = Flush();
  BeginChunk();
}

void DumpWriter::OnRecord(int field, const google::protobuf::Message& message) {
  if (!status_.ok()) return;
  RememberContext(field, message);
  AppendRecord(field, message, raw_);
  FlushIfFull();
}

void DumpWriter::OnUnknown(absl::string_view bytes) {
  if (!status_.ok()) return;
  AppendVarint(bytes.size(), raw_);
  raw_.append(bytes.data(), bytes.size());
  FlushIfFull();
}

absl::Status DumpWriter::Flush() {
  if (raw_.size() > kMaxChunkBytes) return absl::ResourceExhaustedError("one record is too large for a dump");
  frame_.resize(ZSTD_compressBound(raw_.size()));
  const size_t size = ZSTD_compress2(zstd_.get(), frame_.data(), frame_.size(), raw_.data(), raw_.size());
  if (ZSTD_isError(size)) return absl::InternalError(absl::StrCat("zstd: ", ZSTD_getErrorName(size)));
  ChunkHeader header = {};
  std::memcpy(header.magic, kChunkMagic.data(), sizeof(header.magic));
  header.type = kChunkRecords;
  header.compressed_bytes = static_cast<uint32_t>(size);
  header.raw_bytes = static_cast<uint32_t>(raw_.size());
  header.record_count = records_in_chunk_;
  raw_.clear();
  records_in_chunk_ = 0;
  if (absl::Status status = file_.Append(AsBytes(header)); !status.ok()) return status;
  return file_.Append(absl::string_view(frame_).substr(0, size));
}

absl::Status DumpWriter::Write(const Model& model) {
  if (absl::Status status = Open(); !status.ok()) return status;
  SendRecords(model, *this);
  if (!status_.ok()) return status_;
  wire::End end;
  end.set_records(records_);
  AppendRecord(wire::Record::kEnd, end, raw_);
  ++records_in_chunk_;
  if (absl::Status status = Flush(); !status.ok()) return status;
  return file_.Commit();
}

}  // namespace

absl::Status WriteDump(const Model& model, const std::string& path) { return DumpWriter(path).Write(model); }

}  // namespace stray::analyzer
