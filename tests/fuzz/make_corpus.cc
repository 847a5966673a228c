// SPDX-License-Identifier: Apache-2.0
// make_corpus.cc: makes the seeds of the fuzzers, so that they can be remade when a format changes.
//
//   stray_make_corpus tests/fuzz/corpus
//
// whole_*  loads without damage     cut_*  is shorter than it should be     flipped_*  has some bits changed
// part_*   is shorter than it was, which one cannot always tell: of a text that may end anywhere
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
                 const std::string& cut = "cut_") {
  WriteFile(folder / absl::StrCat(absl::StrContains(name, "prefixed_cut") ? cut : "whole_", name), bytes);
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
  return 0;
}
