// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/ignores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A process with T2 that starts in a function of the given module.
class IgnoresTest : public testing::Test {
 protected:
  void StartIn(const std::string& module, const std::string& function = "") {
    wire::Module& record = p_.raw().modules.emplace_back();
    record.set_id(1);
    record.set_path("/usr/lib/x86_64-linux-gnu/" + module);
    record.set_start(0x70000000);
    record.set_end(0x70100000);
    p_.Thread(2);
    p_.task(2).set_start_routine(0x70000040);
    wire::Frame& frame = p_.raw().frames.emplace_back();
    frame.set_address(0x70000040);
    frame.set_module(1);
    if (!function.empty()) frame.add_locations()->set_function(function);
  }

  std::string Library(uint32_t task = 2) {
    const ProcessModel& process = p_.Get();
    IgnoreFinder finder(process);
    const SnapshotModel* snapshot = process.LastSnapshot();
    const IgnoreEntry* entry = finder.Find(task, snapshot == nullptr ? nullptr : snapshot->Find(task));
    return entry == nullptr ? "" : std::string(entry->library);
  }

  ProcessBuilder p_;
};

TEST_F(IgnoresTest, WorkersAreKnownByTheModuleTheyStartIn) {
  StartIn("libgomp.so.1");
  EXPECT_EQ(Library(), "OpenMP (GCC)");
}

TEST_F(IgnoresTest, APythonInterpreterOfAnyMinorVersionIsKnown) {
  StartIn("python3.11");
  EXPECT_EQ(Library(), "CPython");
}

TEST_F(IgnoresTest, AThreadOfTheProgramIsNotIgnored) {
  StartIn("app", "Worker");
  EXPECT_EQ(Library(), "");
}

TEST_F(IgnoresTest, AllConditionsOfAnEntryMustHold) {
  p_.Thread(2, "gmain");  // a user's own thread with that name
  EXPECT_EQ(Library(), "");
}

TEST_F(IgnoresTest, NameAndModuleTogetherAreGLibsWorker) {
  StartIn("libglib-2.0.so.0.7400.6");
  p_.task(2).set_name("gmain");
  EXPECT_EQ(Library(), "GLib");
}

TEST_F(IgnoresTest, AThreadThatAUserStartsThroughGLibIsNotIgnored) {
  StartIn("libglib-2.0.so.0.7400.6", "g_thread_proxy");
  p_.task(2).set_name("my-worker");
  EXPECT_EQ(Library(), "");
}

TEST_F(IgnoresTest, PatternsMayHoldSpaces) {
  p_.Thread(2, "V8 DefaultWorke");
  EXPECT_EQ(Library(), "V8");
}

TEST_F(IgnoresTest, CreationStacksAreLookedAt) {
  p_.Thread(2).CreatedAt(2, {"_cgo_sys_thread_start", "main"});
  EXPECT_EQ(Library(), "Go");
}

TEST_F(IgnoresTest, MainIsNeverIgnored) {
  StartIn("libgomp.so.1");
  p_.task(2).set_main(true);
  EXPECT_EQ(Library(), "");
}

TEST_F(IgnoresTest, AThreadNoHookSawIsASanitizersOnlyWhereThereIsOne) {
  p_.Running(2);
  p_.state(2).set_kernel_only(true);
  EXPECT_EQ(Library(), "");
  p_.process_record().set_sanitizer(true);
  EXPECT_EQ(Library(), "sanitizers");
}

TEST_F(IgnoresTest, MisuseIsIgnoredOnlyWhereAnEntryNamesItsKind) {
  StartIn("libjvm.so");
  p_.task(2).set_name("VM Thread");
  IgnoreFinder finder(p_.Get());
  wire::Misuse misuse;
  misuse.set_task(2);
  misuse.set_kind("ended-holding");
  EXPECT_NE(finder.Find(misuse), nullptr);
  misuse.set_kind("unlock-not-owner");
  EXPECT_EQ(finder.Find(misuse), nullptr);
  p_.task(2).set_name("GC Thread");
  misuse.set_kind("ended-holding");
  EXPECT_EQ(finder.Find(misuse), nullptr);
}

TEST(DefaultIgnoresTest, EveryEntryHasAReasonThatIsASentence) {
  for (const IgnoreEntry& entry : DefaultIgnores()) {
    EXPECT_FALSE(entry.library.empty());
    EXPECT_FALSE(entry.conditions.empty());
    ASSERT_FALSE(entry.reason.empty()) << entry.conditions;
    EXPECT_EQ(entry.reason.back(), '.') << entry.conditions;
  }
}

TEST(DefaultIgnoresTest, TheTextShowsConditionsAndReasons) {
  const std::string text = DefaultIgnoresText();
  EXPECT_THAT(text, HasSubstr("start_module=libgomp.so*"));
  EXPECT_THAT(text, HasSubstr("Returns unused memory to the kernel.\n"));
}

TEST(DefaultIgnoresTest, AnIgnoredPoolWorkerStillCountsAsAWakerButASanitizersThreadDoesNot) {
  ProcessBuilder pool("exit");
  pool.Main(1).Thread(2).Thread(3, "default-executo").Ender(1).Blocked(2, "sem_wait").Blocked(3, "nanosleep");
  EXPECT_THAT(Summaries(pool), ElementsAre("leak.alive x1 T2"));
  ProcessBuilder sanitizer("exit");
  sanitizer.process_record().set_sanitizer(true);
  sanitizer.info().set_unknown_threads(1);
  sanitizer.Main(1).Thread(2).Ender(1).Blocked(2, "sem_wait").Running(3);
  sanitizer.state(3).set_kernel_only(true);
  EXPECT_THAT(Summaries(sanitizer), ElementsAre("leak.blocked x1 T2"));
}

}  // namespace
}  // namespace stray::analyzer
