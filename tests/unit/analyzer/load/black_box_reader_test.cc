// SPDX-License-Identifier: Apache-2.0
// A black box becomes a Model: every region, every word, the snapshots, and whatever a hostile file may say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "agent/wire/black_box.h"
#include "analyzer/load/load.h"
#include "tests/support/black_box_builder.h"
#include "tests/support/random_model.h"

namespace stray::analyzer {
namespace {

using test::BlackBoxBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Box {
  std::unique_ptr<ProcessModel> model;
  std::vector<std::string> damage;
};

Box Read(const std::string& bytes, bool alive = false) {
  Box box;
  auto model = ReadBlackBox(bytes, "app.box", alive, box.damage);
  EXPECT_TRUE(model.ok()) << model.status();
  box.model = model.ok() ? *std::move(model) : std::make_unique<ProcessModel>();
  return box;
}

// Reads a box in which nothing is wrong.
std::unique_ptr<ProcessModel> ReadWhole(const BlackBoxBuilder& builder, bool alive = false) {
  Box box = Read(builder.Build(), alive);
  EXPECT_THAT(box.damage, IsEmpty());
  return std::move(box.model);
}

void SetState(BlackBoxBuilder& box, box::ProcessState state) {
  box.header().state = static_cast<uint32_t>(state);
}

TEST(BlackBoxReaderTest, TheHeaderBecomesTheProcess) {
  BlackBoxBuilder box;
  box.header().exit_status = 3;
  box.header().forked_from = 4;
  box.header().flags = box::kBoxHasSignalHandlers | box::kBoxSanitizer;
  const wire::Process process = ReadWhole(box)->process;
  EXPECT_EQ(process.pid(), 4711);
  EXPECT_EQ(process.parent_pid(), 4700);
  EXPECT_EQ(process.program(), "/bin/app");
  EXPECT_THAT(process.arguments(), ElementsAre("app", "--flag"));
  EXPECT_EQ(process.working_directory(), "/home/user");
  EXPECT_EQ(process.state(), "exited");
  EXPECT_TRUE(process.has_exit_status());
  EXPECT_EQ(process.exit_status(), 3);
  EXPECT_EQ(process.forked_from(), 4);
  EXPECT_TRUE(process.catches_signals());
  EXPECT_TRUE(process.sanitizer());
}

TEST(BlackBoxReaderTest, OneWordForTwoReasonsComesWithItsNumber) {
  BlackBoxBuilder box;
  BlackBoxBuilder::Block(box.AddTask("main"), box::WaitReason::kSelect, 0, 5);
  BlackBoxBuilder::Block(box.AddTask("sender"), box::WaitReason::kRuntimeSelect, 0, 5);
  box.TakeSnapshot(box::SnapshotReason::kExit, 10);
  const auto model = ReadWhole(box);
  ASSERT_THAT(model->snapshots, SizeIs(1));
  ASSERT_THAT(model->snapshots[0].tasks, SizeIs(2));
  EXPECT_EQ(model->snapshots[0].tasks[0].wait_reason(), "select");
  EXPECT_EQ(model->snapshots[0].tasks[0].wait_number(), 0u);
  EXPECT_EQ(model->snapshots[0].tasks[1].wait_reason(), "select");
  EXPECT_EQ(model->snapshots[0].tasks[1].wait_number(), static_cast<uint32_t>(box::WaitReason::kRuntimeSelect));
}

TEST(BlackBoxReaderTest, AnUnknownExitStatusIsNone) {
  BlackBoxBuilder box;
  box.header().exit_status = -1;
  EXPECT_FALSE(ReadWhole(box)->process.has_exit_status());
}

TEST(BlackBoxReaderTest, AProcessThatDiedInTheMiddleWasKilled) {
  for (const auto state :
       {box::ProcessState::kStarting, box::ProcessState::kRunning, box::ProcessState::kExiting}) {
    BlackBoxBuilder box;
    SetState(box, state);
    EXPECT_EQ(ReadWhole(box)->process.state(), "killed");
    EXPECT_NE(ReadWhole(box, /*alive=*/true)->process.state(), "killed");
  }
}

TEST(BlackBoxReaderTest, AProcessThatDiedAfterItsFinalSnapshotHasExited) {
  BlackBoxBuilder box;
  SetState(box, box::ProcessState::kExiting);
  box.AddTask("main");
  box.TakeSnapshot(box::SnapshotReason::kExit, 10);
  const auto model = ReadWhole(box);
  EXPECT_EQ(model->process.state(), "exited");
  EXPECT_THAT(model->snapshots, SizeIs(1));
}

TEST(BlackBoxReaderTest, WaitsThatHaveEndedAreRoundedAndKeepTheirReason) {
  BlackBoxBuilder box;
  box.header().block_rate_ns = 1000;
  box.header().mutex_fraction = 5;
  const uint32_t stack = box.AddStack({0x1010, 0x2020});
  box::WaitTotal& block = box.AddWaitTotal(box::WaitTotalKind::kBlock, box::WaitReason::kCondWait, stack);
  block.count_256ths = 3 * 256 + 128;
  block.delay_ns = 77;
  box.AddWaitTotal(box::WaitTotalKind::kMutex, box::WaitReason::kMutexLock, 0).count_256ths = 1;
  box.AddWaitTotal(box::WaitTotalKind::kNone, box::WaitReason::kMutexLock, stack);           // not written yet
  box.AddWaitTotal(static_cast<box::WaitTotalKind>(9), box::WaitReason::kMutexLock, stack);  // damaged
  const auto model = ReadWhole(box);
  EXPECT_EQ(model->process.block_rate_ns(), 1000u);
  EXPECT_EQ(model->process.mutex_fraction(), 5u);
  ASSERT_THAT(model->profile_sites, SizeIs(2));
  EXPECT_EQ(model->profile_sites[0].profile(), "block");
  EXPECT_EQ(model->profile_sites[0].wait_reason(), "pthread_cond_wait");
  EXPECT_EQ(model->profile_sites[0].count(), 4u);
  EXPECT_EQ(model->profile_sites[0].delay_ns(), 77u);
  EXPECT_EQ(model->profile_sites[0].stack(), stack);
  EXPECT_EQ(model->profile_sites[1].profile(), "mutex");
  EXPECT_EQ(model->profile_sites[1].count(), 1u) << "there was one, however little of it is left";
}

TEST(BlackBoxReaderTest, ModulesKeepRangeAndBuildId) {
  BlackBoxBuilder box;
  box::ModuleRecord& record = box.AddModule("/lib/libagent.so", 0x1000, 0x2000);
  record.flags = box::kModuleAgent;
  record.build_id[0] = 0xAB;
  record.build_id[1] = 0x01;
  record.build_id_bytes = 2;
  const auto model = ReadWhole(box);
  ASSERT_THAT(model->modules, SizeIs(1));
  const wire::Module& module = model->modules[0];
  EXPECT_EQ(module.id(), 1u);
  EXPECT_EQ(module.path(), "/lib/libagent.so");
  EXPECT_EQ(module.start(), 0x1000u);
  EXPECT_EQ(module.end(), 0x2000u);
  EXPECT_EQ(module.build_id(), "ab01");
  EXPECT_TRUE(module.agent());
}

TEST(BlackBoxReaderTest, StacksKeepFramesAndFlags) {
  BlackBoxBuilder box;
  box.AddStack({0x10, 0x20});
  box.AddStack({0x30}, box::kStackCut | box::kStackPartial | box::kStackFirstIsExact);
  const auto model = ReadWhole(box);
  EXPECT_THAT(model->FindStack(1)->addresses(), ElementsAre(0x10, 0x20));
  EXPECT_FALSE(model->FindStack(1)->cut());
  EXPECT_THAT(model->FindStack(2)->addresses(), ElementsAre(0x30));
  EXPECT_TRUE(model->FindStack(2)->cut());
  EXPECT_TRUE(model->FindStack(2)->partial());
  EXPECT_TRUE(model->FindStack(2)->first_is_exact());
}

TEST(BlackBoxReaderTest, ObjectsKeepKindFlagsAndSite) {
  BlackBoxBuilder box;
  const uint32_t stack = box.AddStack({0x40});
  const uint32_t mutex = box.AddObject(box::ObjectKind::kMutex, 0x7000);
  box.object(mutex).flags = box::kObjectRobust | box::kObjectErrorCheck | box::kObjectShared;
  box.object(mutex).first_site = box::kSiteIsStack | stack;
  box.object(mutex).name = box.AddString("g_mutex");
  const uint32_t condition = box.AddObject(box::ObjectKind::kCondition, 0x7100);
  box.object(condition).extra = mutex;
  box.object(condition).first_site = 0x401000;
  const auto model = ReadWhole(box);
  const wire::Object& first = *model->FindObject(mutex);
  EXPECT_EQ(first.kind(), "mutex");
  EXPECT_EQ(first.address(), 0x7000u);
  EXPECT_EQ(first.name(), "g_mutex");
  EXPECT_TRUE(first.robust() && first.error_check() && first.shared());
  EXPECT_FALSE(first.recursive() || first.destroyed() || first.on_stack() || first.prefers_writer());
  EXPECT_EQ(first.first_site().stack(), stack);
  EXPECT_EQ(model->FindObject(condition)->mutex(), mutex);
  EXPECT_EQ(model->FindObject(condition)->first_site().address(), 0x401000u);
}

TEST(BlackBoxReaderTest, TasksKeepLifeAndFlags) {
  BlackBoxBuilder box;
  box.AddTask("main");
  box::TaskRecord& worker = box.AddTask("worker");
  worker.flags = box::kTaskJoined | box::kTaskAdopted;
  worker.joined_by = 1;
  worker.end_life = 5;
  worker.join_life = 6;
  worker.start_routine = 0x401234;
  BlackBoxBuilder::Finish(worker, 77);
  const auto model = ReadWhole(box);
  EXPECT_TRUE(model->FindTask(1)->main());
  EXPECT_FALSE(model->FindTask(1)->finished());
  const wire::Task& task = *model->FindTask(2);
  EXPECT_EQ(task.name(), "worker");
  EXPECT_EQ(task.kind(), "thread");
  EXPECT_EQ(task.parent(), 1u);
  EXPECT_TRUE(task.finished() && task.joined() && task.adopted());
  EXPECT_EQ(task.end_ns(), 77u);
  EXPECT_EQ(task.joined_by(), 1u);
  EXPECT_EQ(task.end_life(), 5u);
  EXPECT_EQ(task.join_life(), 6u);
  EXPECT_EQ(task.start_routine(), 0x401234u);
}

TEST(BlackBoxReaderTest, TheAgentsOwnTasksAndUnpublishedRecordsAreNotThere) {
  BlackBoxBuilder box;
  box.AddTask("main");
  box.AddTask("agent").flags = box::kTaskAgent;
  box.AddTask("not yet").serial = 0;
  box.AddObject(box::ObjectKind::kNone, 0);
  box.AddModule("not yet", 0x1000, 0);
  box.AddMisuse(box::MisuseKind::kBarrierZero).kind = 0;
  const auto model = ReadWhole(box);
  EXPECT_THAT(model->tasks, SizeIs(1));
  EXPECT_THAT(model->objects, IsEmpty());
  EXPECT_THAT(model->modules, IsEmpty());
  EXPECT_THAT(model->misuses, IsEmpty());
}

TEST(BlackBoxReaderTest, TheRingOfEventsIsReadOldestFirst) {
  BlackBoxBuilder box;
  const uint32_t mutex = box.AddObject(box::ObjectKind::kMutex, 0x7000);
  box::TaskRecord& main = box.AddTask("main");
  for (uint32_t i = 0; i < 100; ++i)
    BlackBoxBuilder::AddEvent(main, box::EventKind::kLock, mutex, i, 0x401000 + i);
  BlackBoxBuilder::AddEvent(main, box::EventKind::kJoin, 9, 0, 0x402000);
  const auto model = ReadWhole(box);
  const auto& events = model->tasks[0].events();
  ASSERT_EQ(events.size(), static_cast<int>(box::kEventRing));
  EXPECT_EQ(events[0].sequence(), 101 - box::kEventRing);
  EXPECT_EQ(events[0].kind(), "lock");
  EXPECT_EQ(events[0].object(), mutex);
  const wire::Event& last = events[events.size() - 1];
  EXPECT_EQ(last.kind(), "join");
  EXPECT_EQ(last.task(), 9u);
  EXPECT_EQ(last.object(), 0u);
  EXPECT_EQ(last.site().address(), 0x402000u);
}

TEST(BlackBoxReaderTest, ChainsKeepOrderAndSightings) {
  BlackBoxBuilder box;
  const uint32_t a = box.AddObject(box::ObjectKind::kMutex, 0x7000);
  const uint32_t b = box.AddObject(box::ObjectKind::kRwlock, 0x7100);
  box::LockChainRecord& record = box.AddChain({{a, box::kHeldTry, 0x401000}, {b, box::kHeldRead, 0x401010}});
  record.sighting_count = 12;
  for (uint32_t i = 0; i < box::kChainSightings; ++i) record.sightings[i] = {i + 1, 0, 2, 3, 0, 0, 0, 0};
  const auto model = ReadWhole(box);
  ASSERT_THAT(model->lock_chains, SizeIs(1));
  const wire::LockChain& chain = model->lock_chains[0];
  ASSERT_EQ(chain.entries_size(), 2);
  EXPECT_EQ(chain.entries(0).object(), a);
  EXPECT_TRUE(chain.entries(0).tried());
  EXPECT_EQ(chain.entries(1).object(), b);
  EXPECT_TRUE(chain.entries(1).read());
  EXPECT_EQ(chain.entries(1).site().address(), 0x401010u);
  EXPECT_EQ(chain.sightings_size(), static_cast<int>(box::kChainSightings));
  EXPECT_EQ(chain.sighting_count(), 12u);
  EXPECT_EQ(chain.sightings(7).task(), 8u);
  EXPECT_EQ(chain.sightings(7).last_life(), 3u);
}

TEST(BlackBoxReaderTest, MisusesGapsAndLossesUseTheWordsOfTheLists) {
  BlackBoxBuilder box;
  box::MisuseRecord& record = box.AddMisuse(box::MisuseKind::kUnlockNotOwner);
  record.call = box.AddString("pthread_mutex_unlock");
  record.error = 1;
  record.other_task = 2;
  record.other_site = 0x401000;
  box.AddGap(box::GapKind::kDeepBind, "libplugin.so", 0);
  box.AddGap(box::GapKind::kRawThread, "", 3);
  box.header().losses[static_cast<size_t>(box::Loss::kStackFrames)] = 4;
  const auto model = ReadWhole(box);
  ASSERT_THAT(model->misuses, SizeIs(1));
  EXPECT_EQ(model->misuses[0].kind(), "unlock-not-owner");
  EXPECT_EQ(model->misuses[0].call(), "pthread_mutex_unlock");
  EXPECT_EQ(model->misuses[0].other_site().address(), 0x401000u);
  ASSERT_THAT(model->gaps, SizeIs(2));
  EXPECT_EQ(model->gaps[0].kind(), "deepbind");
  EXPECT_EQ(model->gaps[0].text(), "libplugin.so");
  EXPECT_EQ(model->gaps[1].kind(), "raw_thread");
  EXPECT_EQ(model->gaps[1].number(), 3u);
  ASSERT_THAT(model->losses, SizeIs(1));
  EXPECT_EQ(model->losses[0].word(), "stack_frames");
  EXPECT_EQ(model->losses[0].count(), 4u);
}

TEST(BlackBoxReaderTest, NamesThatAreNotUtf8AreMadeReadable) {
  BlackBoxBuilder box;
  box.AddTask("caf\xE9");
  EXPECT_EQ(ReadWhole(box)->tasks[0].name(), "caf\xEF\xBF\xBD");
}

TEST(BlackBoxReaderTest, ANameThatFillsItsFieldEndsThere) {
  BlackBoxBuilder box;
  box::TaskRecord& task = box.AddTask("");
  std::memset(task.name, 'n', sizeof(task.name));
  EXPECT_EQ(ReadWhole(box)->tasks[0].name(), std::string(box::kTaskName, 'n'));
}

TEST(BlackBoxReaderTest, OtherVersionsAndOtherFilesAreRefused) {
  std::vector<std::string> damage;
  const auto code_of = [&](const std::string& bytes) {
    return ReadBlackBox(bytes, "app.box", false, damage).status().code();
  };
  BlackBoxBuilder newer;
  newer.header().version = box::kBlackBoxVersion + 1;
  EXPECT_EQ(code_of(newer.Build()), absl::StatusCode::kUnimplemented);
  BlackBoxBuilder odd;
  odd.header().header_bytes = 8;
  EXPECT_EQ(code_of(odd.Build()), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code_of(BlackBoxBuilder().Build().substr(0, 100)), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code_of("STRAYBO"), absl::StatusCode::kInvalidArgument);
}

TEST(BlackBoxReaderTest, ReferencesToNothingBecomeZeroAndAreCounted) {
  BlackBoxBuilder builder;
  box::TaskRecord& main = builder.AddTask("main");
  main.create_stack = 1000;
  BlackBoxBuilder::Block(main, box::WaitReason::kMutexLock, 2000, 5);
  builder.TakeSnapshot(box::SnapshotReason::kExit, 10);
  const Box box = Read(builder.Build());
  EXPECT_EQ(box.model->tasks[0].create_stack(), 0u);
  EXPECT_EQ(box.model->LastSnapshot()->tasks[0].object(), 0u);
  EXPECT_THAT(box.damage, ElementsAre("app.box: 2 references to records that do not exist"));
}

TEST(BlackBoxReaderTest, ACutFileLosesOnlyWhatIsBehindTheCut) {
  BlackBoxBuilder builder;
  builder.AddTask("main");
  builder.AddTask("worker");
  const std::string bytes = builder.Build();
  const Box box = Read(bytes.substr(0, sizeof(box::BlackBoxHeader) + sizeof(box::TaskRecord) + 200));
  EXPECT_THAT(box.model->tasks, SizeIs(1));
  EXPECT_THAT(box.damage, ::testing::Contains(HasSubstr("region \"tasks\": cut: 1 of 2 records are there")));
}

TEST(BlackBoxReaderTest, RegionsThatLieAreCutToWhatIsThere) {
  const auto damage_of = [](const auto& lie) {
    BlackBoxBuilder builder;
    builder.AddTask("main");
    std::string bytes = builder.Build();
    box::BlackBoxHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    lie(header.regions[static_cast<size_t>(box::RegionId::kTasks)]);
    std::memcpy(bytes.data(), &header, sizeof(header));
    return Read(bytes).damage;
  };
  EXPECT_THAT(damage_of([](box::Region& r) { r.used = ~uint64_t{0}; }), ElementsAre(HasSubstr("claims ")));
  EXPECT_THAT(damage_of([](box::Region& r) { r.used = r.capacity = ~uint64_t{0}; }),
              ElementsAre(HasSubstr("cut: ")));
  EXPECT_THAT(damage_of([](box::Region& r) { r.offset = ~uint64_t{0}; }), ElementsAre(HasSubstr("begins at ")));
  EXPECT_THAT(damage_of([](box::Region& r) { r.record_bytes = 1; }),
              ElementsAre(HasSubstr("records of 1 bytes")));
}

TEST(BlackBoxReaderTest, RandomDamageNeverDoesMoreThanDamage) {
  BlackBoxBuilder builder;
  const uint32_t mutex = builder.AddObject(box::ObjectKind::kMutex, 0x7000);
  box::TaskRecord& main = builder.AddTask("main");
  BlackBoxBuilder::Hold(main, mutex, 0x401000);
  builder.AddChain({{mutex, 0, 0x401000}, {mutex, 0, 0x401010}});
  builder.AddStack({0x10, 0x20, 0x30});
  builder.AddGap(box::GapKind::kRawThread, "x", 3);
  builder.TakeSnapshot(box::SnapshotReason::kRequest, 10);
  const std::string whole = builder.Build();
  const unsigned seed = 20'251'121;
  std::mt19937 random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = whole;
    for (int n = 0; n < 8; ++n) {
      // Mostly in the header, where the damage is greatest.
      const size_t range = random() % 2 == 0 ? sizeof(box::BlackBoxHeader) : bytes.size();
      bytes[12 + random() % (range - 12)] = static_cast<char>(random());
    }
    std::vector<std::string> damage;
    const auto model = ReadBlackBox(bytes, "app.box", i % 2 == 0, damage);
    if (!model.ok()) continue;
    for (const wire::Task& task : (*model)->tasks) EXPECT_NE(task.id(), 0u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace stray::analyzer
