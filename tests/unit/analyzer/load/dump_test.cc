// SPDX-License-Identifier: Apache-2.0
// The container of a dump: what a reader makes of whole, cut, damaged, newer and hostile ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/load/dump_format.h"
#include "analyzer/load/load.h"
#include "tests/support/random_model.h"

namespace stray::analyzer {
namespace {

using test::RecordsOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A process with so many notes that its dump has several chunks, and a snapshot that spans chunks too.
Model LargeModel() {
  Model model;
  for (int pid = 1; pid <= 2; ++pid) {
    auto process = std::make_unique<ProcessModel>();
    process->process.set_pid(pid);
    SnapshotModel& snapshot = process->snapshots.emplace_back();
    snapshot.info.set_id(1);
    for (uint32_t i = 0; i < 3000; ++i) {
      wire::TaskState& state = snapshot.tasks.emplace_back();
      state.set_task(i);
      state.set_state(absl::StrCat("padding ", i, std::string(900, 'x')));
    }
    process->Index();
    model.processes.push_back(std::move(process));
  }
  return model;
}

std::string BytesOf(const Model& model) {
  const std::string path = absl::StrCat(::testing::TempDir(), "dump_test.", getpid(), ".stray");
  EXPECT_TRUE(WriteDump(model, path).ok());
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  unlink(path.c_str());
  return bytes;
}

// Where the chunks of `bytes` begin.
std::vector<size_t> ChunksOf(const std::string& bytes) {
  std::vector<size_t> chunks;
  for (size_t offset = sizeof(DumpHeader); offset < bytes.size();) {
    ChunkHeader header;
    std::memcpy(&header, bytes.data() + offset, sizeof(header));
    chunks.push_back(offset);
    offset += sizeof(header) + header.compressed_bytes;
  }
  return chunks;
}

Model Read(const std::string& bytes) {
  auto model = ReadDump(bytes, "app.stray");
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : Model();
}

size_t StatesIn(const Model& model, size_t process) {
  return model.processes[process]->snapshots[0].tasks.size();
}

// A chunk of `type` with this payload, and a header that tells the truth about it unless `lie` changes it.
template <typename Lie>
std::string Chunk(uint32_t type, const std::string& raw, uint32_t records, const Lie& lie) {
  std::string frame(ZSTD_compressBound(raw.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), raw.data(), raw.size(), 1));
  ChunkHeader header = {{'C', 'H', 'N', 'K'},
                        type,
                        static_cast<uint32_t>(frame.size()),
                        static_cast<uint32_t>(raw.size()),
                        records,
                        0};
  lie(header);
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + frame;
}

std::string Chunk(uint32_t type, const std::string& raw, uint32_t records) {
  return Chunk(type, raw, records, [](ChunkHeader&) {});
}

std::string FileHeader(uint16_t version = kDumpVersion) {
  DumpHeader header = {};
  std::memcpy(header.magic, kDumpMagic.data(), sizeof(header.magic));
  header.version = version;
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header));
}

// A serialized record with its length before it.
std::string Row(const wire::Record& record) {
  const std::string bytes = record.SerializeAsString();
  EXPECT_LT(bytes.size(), 128u);
  return std::string(1, static_cast<char>(bytes.size())) + bytes;
}

std::string ProcessRow() {
  wire::Record record;
  record.mutable_process()->set_pid(7);
  return Row(record);
}

std::string EndRow(uint64_t records) {
  wire::Record record;
  record.mutable_end()->set_records(records);
  return Row(record);
}

TEST(DumpTest, ALargeModelComesBackWholeFromSeveralChunks) {
  const Model model = LargeModel();
  const std::string bytes = BytesOf(model);
  EXPECT_GE(ChunksOf(bytes).size(), 5u);
  const Model copy = Read(bytes);
  EXPECT_EQ(RecordsOf(copy), RecordsOf(model));
  EXPECT_THAT(copy.damage, IsEmpty());
}

TEST(DumpTest, TheSameModelGivesTheSameBytes) {
  EXPECT_EQ(BytesOf(test::RandomModel(3)), BytesOf(test::RandomModel(3)));
}

TEST(DumpTest, AnEmptyModelIsAWholeDump) {
  const Model model = Read(BytesOf(Model()));
  EXPECT_TRUE(model.processes.empty());
  EXPECT_THAT(model.damage, IsEmpty());
}

TEST(DumpTest, EveryCutOfADumpIsNoticed) {
  const std::string bytes = BytesOf(test::RandomModel(1));
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto model = ReadDump(absl::string_view(bytes).substr(0, length), "app.stray");
    EXPECT_TRUE(!model.ok() || !model->damage.empty()) << length;
  }
}

TEST(DumpTest, EveryFlippedBitIsNoticedOrWithoutEffect) {
  const Model model = test::RandomModel(2);
  const std::string bytes = BytesOf(model);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    const auto copy = ReadDump(flipped, "app.stray");
    EXPECT_TRUE(!copy.ok() || !copy->damage.empty() || RecordsOf(*copy) == RecordsOf(model)) << i;
  }
}

TEST(DumpTest, WhatIsBeforeACutIsLoaded) {
  const std::string bytes = BytesOf(LargeModel());
  const std::vector<size_t> chunks = ChunksOf(bytes);
  const Model model = Read(bytes.substr(0, chunks[2] + 100));
  EXPECT_EQ(model.processes.size(), 1u);
  EXPECT_GT(StatesIn(model, 0), 2000u);
  EXPECT_THAT(model.damage,
              ElementsAre(HasSubstr(absl::StrCat("app.stray@0x", absl::Hex(chunks[2]), ": the chunk claims")),
                          HasSubstr("the dump was cut")));
}

TEST(DumpTest, ALostChunkCostsOnlyItself) {
  const Model model = LargeModel();
  const std::string bytes = BytesOf(model);
  const std::vector<size_t> chunks = ChunksOf(bytes);
  for (size_t lost = 0; lost < chunks.size(); ++lost) {
    std::string damaged = bytes;
    damaged[chunks[lost] + sizeof(ChunkHeader) + 50] ^= 1;
    if (lost + 1 == chunks.size()) continue;
    const Model copy = Read(damaged);
    ASSERT_EQ(copy.processes.size(), 2u) << lost;
    EXPECT_GT(StatesIn(copy, 0) + StatesIn(copy, 1), 4500u) << lost;
    for (const auto& process : copy.processes) EXPECT_EQ(process->snapshots.size(), 1u) << lost;
    EXPECT_THAT(copy.damage, ElementsAre(HasSubstr("the chunk is damaged"), HasSubstr("records are missing")))
        << lost;
  }
}

TEST(DumpTest, AMissingChunkIsNoticedByTheCountAtTheEnd) {
  const std::string bytes = BytesOf(LargeModel());
  const std::vector<size_t> chunks = ChunksOf(bytes);
  const Model model = Read(bytes.substr(0, chunks[1]) + bytes.substr(chunks[2]));
  EXPECT_THAT(model.damage, ElementsAre(HasSubstr("records are missing")));
}

TEST(DumpTest, BytesBetweenChunksAreSkippedAndTold) {
  const std::string bytes = BytesOf(LargeModel());
  const std::vector<size_t> chunks = ChunksOf(bytes);
  const Model model = Read(bytes.substr(0, chunks[1]) + "garbage" + bytes.substr(chunks[1]));
  EXPECT_EQ(RecordsOf(model).size(), RecordsOf(LargeModel()).size() + 1);  // the damage, as a note
  EXPECT_THAT(model.damage, ElementsAre(HasSubstr("7 bytes are no chunk and were skipped")));
}

TEST(DumpTest, ChunksOfUnknownTypeAreSkippedAndCounted) {
  const Model model =
      Read(FileHeader() + Chunk(99, "whatever", 0) + Chunk(1, ProcessRow() + EndRow(1), 2) + Chunk(98, "x", 0));
  EXPECT_EQ(model.processes.size(), 1u);
  EXPECT_THAT(model.damage, ElementsAre("app.stray: skipped 2 chunks of unknown type"));
}

TEST(DumpTest, ANewerFormatIsRefusedWithBothNumbers) {
  const auto model = ReadDump(FileHeader(3), "app.stray");
  EXPECT_EQ(model.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(model.status().message(), "app.stray: written by a newer stray (format 3, this one reads 1)");
}

TEST(DumpTest, ADumpOfWhichNothingCanBeReadIsDataLoss) {
  for (const std::string& bytes : {FileHeader().substr(0, 10), FileHeader(), FileHeader() + "CHNK",
                                   FileHeader(0), FileHeader() + std::string(100, 'x')}) {
    EXPECT_EQ(ReadDump(bytes, "app.stray").status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(ReadDump("no dump", "app.stray").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(DumpTest, HeadersThatLieAreDamage) {
  const std::string good = Chunk(1, ProcessRow(), 1);
  const std::string end = Chunk(1, EndRow(1), 1);
  const auto damage_of = [&](const std::string& bad) { return Read(FileHeader() + good + bad + end).damage; };
  const auto with = [&](auto lie) { return damage_of(Chunk(1, ProcessRow(), 1, lie)); };
  EXPECT_THAT(with([](ChunkHeader& h) { h.raw_bytes = kMaxChunkBytes + 1; }),
              ElementsAre(HasSubstr("are allowed")));
  EXPECT_THAT(with([](ChunkHeader& h) { h.raw_bytes += 1; }), ElementsAre(HasSubstr("contradict each other")));
  EXPECT_THAT(with([](ChunkHeader& h) { h.record_count = 0; }), ElementsAre(HasSubstr("more records than")));
  EXPECT_THAT(with([](ChunkHeader& h) { h.record_count = 2; }), ElementsAre(HasSubstr("fewer records than")));
  EXPECT_THAT(with([](ChunkHeader& h) { h.record_count = ~0u; }), ElementsAre(HasSubstr("records in")));
  EXPECT_THAT(with([](ChunkHeader& h) { h.compressed_bytes = ~0u; }), ElementsAre(HasSubstr("bytes, ")));
  EXPECT_THAT(with([](ChunkHeader& h) { h.compressed_bytes -= 1; }),
              ElementsAre(HasSubstr("the chunk is damaged")));
}

TEST(DumpTest, RowsThatLieAreDamage) {
  const auto damage_of = [](const std::string& raw, uint32_t records) {
    return Read(FileHeader() + Chunk(1, ProcessRow(), 1) + Chunk(1, raw, records) + Chunk(1, EndRow(1), 1))
        .damage;
  };
  EXPECT_THAT(damage_of("\x7F", 1), ElementsAre(HasSubstr("record 1 of the chunk is longer than the chunk")));
  EXPECT_THAT(damage_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 1),
              ElementsAre(HasSubstr("longer than the chunk")));
  EXPECT_THAT(damage_of("\x02\x0A\x7F", 1), ElementsAre(HasSubstr("record 1 of the chunk is malformed")));
}

TEST(DumpTest, AThoroughlyDamagedFileIsNotDescribedPlaceByPlace) {
  std::string bytes = FileHeader() + Chunk(1, ProcessRow(), 1);
  for (int i = 0; i < 1000; ++i) bytes += "CHNKx";
  const Model model = Read(bytes);
  EXPECT_LT(model.damage.size(), 60u);
  EXPECT_THAT(model.damage, ::testing::Contains(HasSubstr("more places")));
}

}  // namespace
}  // namespace stray::analyzer
