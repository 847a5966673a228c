// SPDX-License-Identifier: Apache-2.0
// make_corpus.cc: makes the seeds of the fuzzers, so that they can be remade when a format changes.
//
//   stray_make_corpus tests/fuzz/corpus
//
// whole_*  loads without damage     cut_*  is shorter than it should be     flipped_*  has some bits changed
// part_*   is shorter than it was, which one cannot always tell: of a text that may end anywhere
// good_*, short_*   the same of what is no file that stray reads, but a part of one
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/load.h"
#include "analyzer/load/trace_blocks.h"
#include "tests/support/black_box_builder.h"
#include "tests/support/random_model.h"

namespace {

namespace fs = std::filesystem;
using stray::analyzer::Model;
using stray::test::BlackBoxBuilder;
namespace box = stray::box;

void WriteFile(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// Writes `bytes` as they are, cut at some places, and with some bits changed.
void WriteFamily(const fs::path& folder, const std::string& name, const std::string& bytes,
                 const std::string& cut = "cut_", const std::string& whole = "whole_") {
  WriteFile(folder / absl::StrCat(absl::StrContains(name, "prefixed_cut") ? cut : whole, name), bytes);
  for (const int percent : {20, 60, 95}) {
    WriteFile(folder / absl::StrCat(cut, name, "_", percent), bytes.substr(0, bytes.size() * percent / 100));
  }
  std::mt19937 random(1);
  for (int i = 1; i <= 3; ++i) {
    std::string flipped = bytes;
    for (int n = 0; n < i; ++n) flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
    WriteFile(folder / absl::StrCat("flipped_", name, "_", i), flipped);
  }
}

std::string DumpBytes(const Model& model, const fs::path& folder) {
  const fs::path path = folder / "make_corpus.tmp";
  if (const absl::Status status = stray::analyzer::WriteDump(model, path); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::exit(1);
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  fs::remove(path);
  return bytes;
}

std::string TextBytes(const Model& model) {
  std::ostringstream text;
  if (!stray::analyzer::WriteText(model, text).ok()) std::exit(1);
  return text.str();
}

// Several chunks, small when compressed.
Model LargeModel() {
  Model model;
  auto& process = *model.processes.emplace_back(std::make_unique<stray::analyzer::ProcessModel>());
  process.process.set_pid(1);
  auto& snapshot = process.snapshots.emplace_back();
  snapshot.info.set_id(1);
  for (uint32_t i = 0; i < 8'000; ++i) {
    stray::wire::TaskState& state = snapshot.tasks.emplace_back();
    state.set_task(i % 10);
    state.set_state("blocked");
    state.set_wait_reason("pthread_cond_wait");
    state.set_call(std::string(150, 'c'));
    state.set_object(7);
  }
  return model;
}

// Two threads that wait for each other, a third that ended, and one of everything else.
BlackBoxBuilder DeadlockBox() {
  BlackBoxBuilder box;
  const uint32_t first = box.AddObject(box::ObjectKind::kMutex, 0x7000);
  const uint32_t second = box.AddObject(box::ObjectKind::kMutex, 0x7040);
  const uint32_t stack = box.AddStack({0x401010, 0x401020, 0x401030});
  box.AddModule("/bin/app", 0x400000, 0x500000).build_id_bytes = 20;
  box::TaskRecord& main = box.AddTask("main");
  BlackBoxBuilder::Hold(main, first, 0x401000);
  BlackBoxBuilder::Block(main, box::WaitReason::kMutexLock, second, 2'000);
  BlackBoxBuilder::AddEvent(main, box::EventKind::kLock, first, 1, 0x401000);
  main.wait_site = box::kSiteIsStack | stack;
  box::TaskRecord& worker = box.AddTask("worker");
  BlackBoxBuilder::Block(worker, box::WaitReason::kMutexLock, first, 2'500);
  worker.held_more = box.AddPool(std::vector<box::HeldLock>(20, {second, 0, 1, 0x401040, 0}));
  worker.held_count = 20;
  worker.held_capacity = 64;
  worker.snapshot_stack = stack;
  BlackBoxBuilder::Finish(box.AddTask("gone"), 3'000);
  box::LockChainRecord& chain = box.AddChain({{first, 0, 0x401000}, {second, box::kHeldTry, 0x401010}});
  chain.sightings[0] = {1, stack, 1, 2, 0, 0, 0, 0};
  chain.sighting_count = 1;
  box::MisuseRecord& misuse = box.AddMisuse(box::MisuseKind::kUnlockNotOwner);
  misuse.call = box.AddString("pthread_mutex_unlock");
  misuse.object = first;
  box.AddGap(box::GapKind::kDeepBind, "libplugin.so", 0);
  box::WaitTotal& waits = box.AddWaitTotal(box::WaitTotalKind::kBlock, box::WaitReason::kMutexLock, stack);
  waits.count_256ths = 512;
  waits.delay_ns = 4'000;
  box.header().losses[static_cast<size_t>(box::Loss::kStackFrames)] = 1;
  return box;
}

void MakeBlackBoxes(const fs::path& folder) {
  BlackBoxBuilder box = DeadlockBox();
  box.header().state = static_cast<uint32_t>(box::ProcessState::kRunning);
  WriteFamily(folder, "killed", box.Build());
  box.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  box.header().state = static_cast<uint32_t>(box::ProcessState::kExited);
  WriteFamily(folder, "exit", box.Build());
  WriteFamily(folder, "empty", BlackBoxBuilder().Build());
}

// Real logs: one of each layout.
void MakeRaceLogs(const fs::path& folder) {
  for (const std::string name : {"log_gcc12_races", "log_clang19_locks", "log_colours_and_output",
                                 "log_go_races", "log_go_test", "list_go_deadlock"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(STRAY_GOLDEN_DIR) / name)) {
      if (entry.path().filename().string().rfind("log", 0) != 0) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      WriteFamily(folder, name.substr(name.find('_') + 1),
                  {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    }
  }
}

// Texts and profiles that list tasks, and traces: one of each layout.
void MakeListings(const fs::path& folder) {
  for (const auto& directory : fs::directory_iterator(STRAY_GOLDEN_DIR)) {
    const std::string name = directory.path().filename();
    if (name.rfind("trace_", 0) == 0) {
      std::ifstream in(directory.path() / "log.std", std::ios::binary);
      WriteFamily(folder / "std_trace", name.substr(6),
                  {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}, "part_");
    }
    if (name.rfind("list_", 0) != 0) continue;
    for (const auto& entry : fs::directory_iterator(directory)) {
      const std::string file = entry.path().filename();
      if (file.rfind("log", 0) != 0) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      const bool is_profile = entry.path().extension() == ".gz";
      const std::string stem = file == "log.txt" ? "" : "_" + file.substr(4, file.find('.', 4) - 4);
      WriteFamily(folder / (is_profile ? "pprof" : "task_log"), name.substr(5) + stem, bytes,
                  is_profile ? "cut_" : "part_");
    }
  }
}

// A piece of what recorded_trace_fuzz.cc reads.
std::string Piece(bool has_frame, uint32_t stream, const std::string& content) {
  std::string piece = {has_frame ? '\1' : '\0', static_cast<char>(stream), static_cast<char>(content.size()),
                       static_cast<char>(content.size() >> 8)};
  return piece + content;
}

// A frame that has `raw` as it is, so that a fuzzer can change it.
std::string StoredFrame(uint64_t events, const std::string& raw) {
  std::string content = {static_cast<char>(events), static_cast<char>(events >> 8)};
  absl::StrAppend(&content, "\x28\xb5\x2f\xfd\x60");  // the size in two bytes, 256 less than it is
  const auto append = [&](uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) content.push_back(static_cast<char>(number >> 8 * i));
  };
  append(raw.size() - 256, 2);
  append(1 | raw.size() << 3, 3);  // the last block of the frame
  return content + raw;
}

// What a thread of a program of three does: each operation, and most events of hooks.
std::vector<uint64_t> ThreadWords(uint32_t stream) {
  using stray::trace::FirstWord;
  using stray::trace::Op;
  constexpr uint64_t kSite = 0x401000, kMemory = 0x7f0000001000;
  std::vector<uint64_t> words;
  uint64_t clock = stream;
  const auto add = [&](Op op, uint64_t argument, uint64_t operand, uint64_t third) {
    const bool is_access = op == Op::kRead || op == Op::kWrite || op == Op::kReadRange || op == Op::kWriteRange;
    const uint64_t own[] = {FirstWord(op, static_cast<uint8_t>(argument), operand),
                            is_access ? kSite + 16 * stream : clock += 3, third};
    words.insert(words.end(), own, own + stray::trace::WordsOf(op));
  };
  const auto hook = [&](Op op, box::EventKind kind, uint64_t object) {
    add(op, static_cast<uint64_t>(kind), object, kSite + 4 * object);
  };
  add(Op::kBegin, 0, kMemory + 0x10000 * stream, 0x1000);
  add(Op::kEnter, 0, kSite, 0);
  if (stream == 1) {
    for (const uint64_t child : {2, 3}) hook(Op::kHookBegun, box::EventKind::kCreate, child);
  }
  for (uint64_t round = 0; round < 3; ++round) {
    add(Op::kRequest, 0, 5, kSite);
    hook(Op::kHook, round == 1 ? box::EventKind::kTryLock : box::EventKind::kLock, 4 + stream);
    hook(Op::kHook, box::EventKind::kReadLock, 9);
    add(Op::kWrite, 8, kMemory, 0);
    add(Op::kTime, 0, clock + 1, 0);
    add(Op::kReadRange, 0, kMemory + 4, 40);
    hook(Op::kHook, box::EventKind::kRwUnlock, 9);
    hook(Op::kHook, box::EventKind::kUnlock, 4 + stream);
    hook(Op::kHook, round == 0 ? box::EventKind::kPost : box::EventKind::kAcquire, 12);
    hook(Op::kHook, box::EventKind::kBarrier, 13);
    hook(Op::kHookLeft, box::EventKind::kBarrier, 13);
    add(round == 0 ? Op::kRelease : Op::kAcquire, round == 2 ? 1 : 0, 0x9000, 0);
    add(Op::kFiberCreate, 0, stream * 10 + round, 0);
    add(Op::kFiberName, 0, stream * 10 + round, 0);
    add(Op::kFiberSwitch, 0, 10 + round, 0);
    add(Op::kWriteRange, 0, kMemory + 0x800, 16);
    add(Op::kPark, 100, kMemory + 0x900, kSite);
    add(Op::kFiberSwitch, 0, 0, 0);
    add(Op::kNow, 0, 1000 * clock, 0);
    add(Op::kWait, 1, 4 + stream, kSite);
    add(Op::kReady, 0, clock, 0);
    add(Op::kNow, 0, 1200 * clock, 0);
    add(Op::kWaitEnd, 1, 0, 0);
    if (round == 2) add(Op::kFiberEnd, 0, stream * 10, 0);
  }
  if (stream == 3) add(Op::kMachine, 0, 0, 0);
  add(Op::kNewMemory, 0, kMemory, 64);
  add(Op::kThreadMemory, 0, kMemory + 0x2000, 64);
  add(Op::kForget, 0, 0x9000, 0);
  add(Op::kExit, 0, 0, 0);
  add(Op::kNoFrames, 0, 0, 0);
  add(Op::kLost, 0, 7, 0);
  if (stream == 1) hook(Op::kHook, box::EventKind::kJoin, 2);
  add(Op::kRead, 4, kMemory, 0);
  add(Op::kEnd, 0, 0, 0);
  return words;
}

void MakeRecordedTraces(const fs::path& folder) {
  std::string as_words, as_frames;
  for (const uint32_t stream : {1, 2, 3}) {
    const std::vector<uint64_t> words = ThreadWords(stream);
    as_words +=
        Piece(false, stream, {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(uint64_t)});
    stray::analyzer::TracePacker packer(stream);
    if (!packer.Add(words)) std::exit(1);
    const absl::StatusOr<stray::wire::TraceBlock> block = packer.Finish();
    if (!block.ok()) std::exit(1);
    const std::string count = {static_cast<char>(block->event_count()),
                               static_cast<char>(block->event_count() >> 8)};
    as_frames += Piece(true, stream, count + block->events());
  }
  WriteFamily(folder, "words", as_words, "short_", "good_");
  WriteFamily(folder, "frames", as_frames, "short_", "good_");
  // Reads by two threads, each of a shape of its own, and its shape again.
  std::string stored;
  for (const char stream : {1, 2}) {
    std::string raw;
    for (char i = 0; i < 60; ++i)
      raw += {'\0', stream, static_cast<char>(i + 1), '\x10', static_cast<char>(i + 1), '\4'};
    stored += Piece(true, static_cast<uint32_t>(stream), StoredFrame(120, raw));
  }
  WriteFamily(folder, "stored", stored, "short_", "good_");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const fs::path folder = argv[1];
  fs::create_directories(folder);
  const Model model = stray::test::RandomModel(5);
  WriteFamily(folder / "dump", "small", DumpBytes(model, folder));
  WriteFamily(folder / "dump", "large", DumpBytes(LargeModel(), folder));
  WriteFamily(folder / "dump", "empty", DumpBytes(Model(), folder));
  WriteFamily(folder / "text", "small", TextBytes(model));
  MakeBlackBoxes(folder / "black_box");
  MakeRaceLogs(folder / "race_log");
  MakeListings(folder);
  MakeRecordedTraces(folder / "recorded_trace");
  return 0;
}
