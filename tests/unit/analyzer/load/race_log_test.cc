// SPDX-License-Identifier: Apache-2.0
// Logs as detectors write them, and what becomes of logs that are damaged. Whole logs of all runtimes are in
// tests/golden/log_*.
#include "analyzer/load/race_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRace[] = R"(==================
WARNING: ThreadSanitizer: data race (pid=4711)
  Write of size 4 at 0x000000601020 by thread T2 (mutexes: write M0, read M7):
    #0 Cart::Add(int) /src/cart.cc:24:9 (shop+0x1000) (BuildId: 12ab)
    #1 Flush() /src/cart.cc:40:3 (shop+0x1000)
    #2 main /src/main.cc:8:3 (shop+0x2000) (BuildId: 12ab)

  Previous atomic read of size 4 at 0x000000601020 by main thread:
    [failed to restore the stack]

  As if synchronized via sleep:
    #0 usleep <null> (shop+0x3000) (BuildId: 12ab)
    #1 main /src/main.cc:7:3 (shop+0x2010) (BuildId: 12ab)

  Location is global 'g_cart' of size 48 at 0x000000601000 (shop+0x601020)

  Mutex M0 (0x000000601008) created at:
    #0 main /src/main.cc:3:1 (shop+0x2020) (BuildId: 12ab)

  Mutex M7 is already destroyed.

  Thread T2 'flusher's own' (tid=4713, finished) created by thread T1 at:
    #0 pthread_create <null> (shop+0x4000) (BuildId: 12ab)
    #1 Start() /src/main.cc:5:1 (shop+0x2030) (BuildId: 12ab)

  Thread T1 (tid=4712, running) created by main thread at:
    #0 pthread_create <null> (shop+0x4000) (BuildId: 12ab)
    #1 main /src/main.cc:6:1 (shop+0x2040) (BuildId: 12ab)

SUMMARY: ThreadSanitizer: data race /src/cart.cc:24:9 in Cart::Add(int)
==================
)";

std::string LogOf(const std::string& title, const std::string& body) {
  return absl::StrCat("==================\nWARNING: ThreadSanitizer: ", title, " (pid=1)\n", body,
                      "\n==================\n");
}

// The only report of a log without damage.
wire::SanitizerReport ReportIn(const std::string& log) {
  const Model model = ReadRaceLog(log, "log");
  EXPECT_THAT(model.damage, IsEmpty());
  if (model.processes.size() != 1 || model.processes[0]->sanitizer_reports.size() != 1) {
    ADD_FAILURE() << "not one report";
    return {};
  }
  return model.processes[0]->sanitizer_reports[0];
}

std::string FunctionsOf(const ProcessModel& process, uint32_t id) {
  std::string text;
  const wire::Stack* stack = process.FindStack(id);
  if (stack == nullptr) return "none";
  for (uint64_t address : stack->addresses()) {
    absl::StrAppend(&text, text.empty() ? "" : " < ");
    for (const wire::Location& location : process.FrameAt(address)->locations())
      absl::StrAppend(&text, location.function(), "; ");
  }
  return text;
}

TEST(RaceLogTest, AccessesTellWhoWhatWhereAndUnderWhichLocks) {
  const Model model = ReadRaceLog(kRace, "log.4711");
  EXPECT_THAT(model.damage, IsEmpty());
  ASSERT_EQ(model.processes.size(), 1u);
  const ProcessModel& process = *model.processes[0];
  EXPECT_EQ(process.process.pid(), 4711);
  EXPECT_EQ(process.process.program(), "shop");
  ASSERT_EQ(process.sanitizer_reports.size(), 1u);
  const wire::SanitizerReport& report = process.sanitizer_reports[0];
  EXPECT_EQ(report.kind(), "data-race");
  EXPECT_EQ(report.origin(), "log.4711:2");
  ASSERT_EQ(report.accesses_size(), 2);
  const wire::Access& write = report.accesses(0);
  EXPECT_TRUE(write.write());
  EXPECT_FALSE(write.atomic());
  EXPECT_EQ(write.size(), 4u);
  EXPECT_EQ(write.address(), 0x601020u);
  EXPECT_EQ(write.task(), 2u);
  EXPECT_EQ(FunctionsOf(process, write.stack()), "Cart::Add(int); Flush();  < main; ");
  ASSERT_EQ(write.held_size(), 2);
  EXPECT_FALSE(write.held(0).read());
  EXPECT_TRUE(write.held(1).read());
  EXPECT_TRUE(report.accesses(1).atomic());
  EXPECT_FALSE(report.accesses(1).write());
  EXPECT_EQ(report.accesses(1).stack(), 0u);
  EXPECT_TRUE(process.FindTask(report.accesses(1).task())->main());
}

TEST(RaceLogTest, TasksHaveNamesCreatorsAndAncestors) {
  const Model model = ReadRaceLog(kRace, "log");
  const ProcessModel& process = *model.processes[0];
  const wire::Task* task = process.FindTask(2);
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(task->name(), "flusher's own");
  EXPECT_EQ(task->tid(), 4713);
  EXPECT_TRUE(task->finished());
  EXPECT_EQ(task->parent(), 1u);
  EXPECT_EQ(FunctionsOf(process, task->create_stack()), "pthread_create;  < Start(); ");
  ASSERT_EQ(task->ancestor_stacks_size(), 1);
  EXPECT_EQ(FunctionsOf(process, task->ancestor_stacks(0)), "pthread_create;  < main; ");
}

TEST(RaceLogTest, MutexesAreObjectsWithTheNameOfTheirVariable) {
  const Model model = ReadRaceLog(kRace, "log");
  const ProcessModel& process = *model.processes[0];
  const wire::SanitizerReport& report = process.sanitizer_reports[0];
  const wire::Object* written = process.FindObject(report.accesses(0).held(0).object());
  ASSERT_NE(written, nullptr);
  EXPECT_EQ(written->kind(), "mutex");
  EXPECT_EQ(written->name(), "g_cart+0x8");
  const wire::Object* read = process.FindObject(report.accesses(0).held(1).object());
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->kind(), "rwlock");
  EXPECT_TRUE(read->destroyed());
}

TEST(RaceLogTest, ModulesWithBuildIdCanBeSymbolizedLater) {
  const Model model = ReadRaceLog(LogOf("signal-unsafe call inside of a signal",
                                        "    #0 <null> <null> (shop+0x62ff) (BuildId: 12AB)\n\n"
                                        "SUMMARY: ThreadSanitizer: signal-unsafe call inside of a signal "
                                        "(/build/shop+0x62ff) (BuildId: 12AB) \n"),
                                  "log");
  const ProcessModel& process = *model.processes[0];
  ASSERT_EQ(process.modules.size(), 1u);
  EXPECT_EQ(process.modules[0].path(), "/build/shop");
  EXPECT_EQ(process.modules[0].build_id(), "12ab");
  ASSERT_EQ(process.frames.size(), 1u);
  EXPECT_EQ(process.frames[0].address(), process.modules[0].base() + 0x62ff);
  EXPECT_TRUE(process.frames[0].made_up());
}

TEST(RaceLogTest, EveryLocationIsKept) {
  const std::vector<std::pair<std::string, std::string>> locations = {
      {"heap block of size 40 at 0x7b04 allocated by thread T1:\n    #0 f a.cc:1 (m+0x1)", "heap"},
      {"stack of main thread.", "stack"},
      {"TLS of thread T1.", "tls"},
      {"file descriptor 4 created by main thread at:\n    #0 f a.cc:1 (m+0x1)", "fd"},
      {"file descriptor 4 destroyed by main thread at:\n    #0 f a.cc:1 (m+0x1)", "fd"},
      {"global 'a' at 0x7b04 (m+0x1)", "global"},
      {"Swift array of size 40 at 0x7b04 allocated by thread T1:\n    #0 f a.cc:1 (m+0x1)", "Swift array"},
  };
  for (const auto& [words, kind] : locations) {
    const wire::SanitizerReport report = ReportIn(LogOf(
        "double lock of a mutex", absl::StrCat("    #0 f a.cc:1 (m+0x1)\n\n  Location is ", words, "\n")));
    ASSERT_EQ(report.places_size(), 1) << words;
    EXPECT_EQ(report.places(0).kind(), kind);
    EXPECT_THAT(report.unread(), IsEmpty());
  }
}

TEST(RaceLogTest, EveryKindOfThreadSanitizerIsKnown) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
#define STRAY_REPORT_KIND(word, said, finding, title) {word, said},
#include "agent/wire/report_kinds.inc"
#undef STRAY_REPORT_KIND
  };
  const std::string accesses =
      "  Write of size 4 at 0x1 by thread T1:\n    #0 f a.cc:1 (m+0x1)\n"
      "  Previous write of size 4 at 0x1 by thread T2:\n    #0 f a.cc:1 (m+0x1)\n";
  for (const auto& [word, said] : kinds) {
    if (said.empty()) continue;
    EXPECT_EQ(ReportIn(LogOf(said, accesses)).kind(), word);
  }
}

TEST(RaceLogTest, LockOrderHasItsSteps) {
  const wire::SanitizerReport report =
      ReportIn(LogOf("lock-order-inversion (potential deadlock)",
                     R"(  Cycle in lock order graph: M0 (0x10) => M1 (0x20) => M0

  Mutex M1 acquired here while holding mutex M0 in main thread:
    #0 f a.cc:1 (m+0x1)

    HINT: use TSAN_OPTIONS=second_deadlock_stack=1 to get more informative warning message

  Mutex M0 acquired here while holding mutex M1 in thread T1:
    #0 f a.cc:2 (m+0x2)

  Mutex M1 previously acquired by the same thread here:
    #0 f a.cc:3 (m+0x3)
)"));
  ASSERT_EQ(report.steps_size(), 2);
  EXPECT_EQ(report.steps(0).wanted().object(), report.steps(1).held().object());
  EXPECT_EQ(report.steps(0).held().site().stack(), 0u);
  EXPECT_NE(report.steps(1).held().site().stack(), 0u);
  EXPECT_THAT(report.unread(), IsEmpty());
}

TEST(RaceLogTest, ErrnoSpoiledInASignalNamesTheSignal) {
  const wire::SanitizerReport report = ReportIn(
      LogOf("signal handler spoils errno", "  Signal 27 handler invoked at:\n    #0 f a.cc:1 (m+0x1)\n"));
  ASSERT_EQ(report.stacks_size(), 1);
  EXPECT_EQ(report.stacks(0).role(), "signal 27");
}

TEST(RaceLogTest, ThreadNumbersThatAreUsedAgainAreTwoTasks) {
  const std::string again = absl::StrReplaceAll(kRace, {{"tid=4713", "tid=9999"}});
  const Model model = ReadRaceLog(absl::StrCat(kRace, again, kRace), "log");
  const auto& reports = model.processes[0]->sanitizer_reports;
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_NE(reports[0].accesses(0).task(), reports[1].accesses(0).task());
  EXPECT_EQ(reports[0].accesses(0).task(), reports[2].accesses(0).task());
}

TEST(RaceLogTest, ProcessesOfOneFileAreToldApart) {
  const Model model =
      ReadRaceLog(absl::StrCat(kRace, absl::StrReplaceAll(kRace, {{"pid=4711", "pid=5"}})), "log");
  ASSERT_EQ(model.processes.size(), 2u);
  EXPECT_EQ(model.processes[1]->process.pid(), 5);
}

TEST(RaceLogTest, WordsOfANewerDetectorAreKeptWithTheirStack) {
  const wire::SanitizerReport report = ReportIn(
      LogOf("double lock of a mutex",
            "    #0 f a.cc:1 (m+0x1)\n\n  Fibre F1 resumed by main thread at:\n    #0 g a.cc:2 (m+0x2)\n"));
  ASSERT_EQ(report.stacks_size(), 2);
  EXPECT_EQ(report.stacks(1).role(), "Fibre F1 resumed by main thread at:");
}

TEST(RaceLogTest, TitleWithoutMeaningIsKept) {
  const wire::SanitizerReport report =
      ReportIn(LogOf("use of a fibre after its end", "    #0 f a.cc:1 (m+0x1)\n"));
  EXPECT_EQ(report.kind(), "other");
  EXPECT_EQ(report.title(), "use of a fibre after its end");
}

// --- damage ---

TEST(RaceLogTest, CutReportKeepsWhatIsThere) {
  const std::string log(kRace);
  const Model model = ReadRaceLog(log.substr(0, log.find("  Previous")), "log");
  EXPECT_THAT(model.damage, ElementsAre("log:2: the report that begins here was cut",
                                        HasSubstr("one of the two accesses is missing")));
  ASSERT_EQ(model.processes[0]->sanitizer_reports.size(), 1u);
  EXPECT_TRUE(model.processes[0]->sanitizer_reports[0].cut());
}

TEST(RaceLogTest, HeadAloneIsDamageAndNoReport) {
  const Model model = ReadRaceLog("WARNING: ThreadSanitizer: data race (pid=4711)\n", "log");
  EXPECT_FALSE(model.damage.empty());
  ASSERT_EQ(model.processes.size(), 1u);
  EXPECT_THAT(model.processes[0]->sanitizer_reports, IsEmpty());
}

TEST(RaceLogTest, MissingFrameIsSaid) {
  const Model model = ReadRaceLog(
      absl::StrReplaceAll(kRace, {{"    #1 Flush() /src/cart.cc:40:3 (shop+0x1000)\n", "garbage\n"}}), "log");
  EXPECT_THAT(model.damage,
              ElementsAre("log:2: of the report that begins here, frame 1 of a stack is missing"));
  EXPECT_THAT(model.processes[0]->sanitizer_reports[0].unread(), ElementsAre("garbage"));
}

TEST(RaceLogTest, OutputOfTheProgramInBetweenIsNoDamage) {
  const wire::SanitizerReport report = ReportIn(absl::StrReplaceAll(
      kRace, {{"    #1 Flush()", "1 item\n\n2 items    #1 Flush()"}, {"  Previous", "3 items  Previous"}}));
  ASSERT_EQ(report.accesses_size(), 2);
  EXPECT_THAT(report.unread(), ElementsAre("1 item", "3 items"));
}

TEST(RaceLogTest, ReportsThatWereCountedButAreMissingAreSaid) {
  EXPECT_THAT(ReadRaceLog(absl::StrCat(kRace, "ThreadSanitizer: reported 3 warnings\n"), "log").damage,
              ElementsAre("log: 2 of the 3 reports that the detector has counted are not in it"));
  EXPECT_THAT(ReadRaceLog(absl::StrCat(kRace, "ThreadSanitizer: reported 1 warnings\n"), "log").damage,
              IsEmpty());
  EXPECT_THAT(ReadRaceLog("Found 2 data race(s)\n", "log").damage,
              ElementsAre(HasSubstr("2 of the 2 reports")));
}

TEST(RaceLogTest, DetectorThatGivesUpIsSaid) {
  EXPECT_THAT(ReadRaceLog("FATAL: ThreadSanitizer: unexpected memory mapping 0x1\n", "log").damage,
              ElementsAre(HasSubstr("log:1: the detector gave up")));
}

TEST(RaceLogTest, ReportWithoutEndBeforeTheNextIsCut) {
  const std::string log(kRace);
  const Model model =
      ReadRaceLog(absl::StrCat(log.substr(0, log.find("SUMMARY")), log.substr(log.find("WARNING"))), "log");
  EXPECT_THAT(model.damage, ElementsAre("log:2: the report that begins here was cut"));
  EXPECT_EQ(model.processes[0]->sanitizer_reports.size(), 2u);
}

TEST(RaceLogTest, EndlessSectionsAndFramesAreBounded) {
  std::string log = "WARNING: ThreadSanitizer: data race (pid=1)\n";
  for (int i = 0; i < 5000; ++i) {
    absl::StrAppend(&log, "  Write of size 4 at 0x1 by thread T", i, ":\n    #0 f a.cc:1 (m+0x1)\n");
    absl::StrAppend(&log, "  Mutex M", i, " (0x", absl::Hex(i), ") created at:\nnoise\n");
  }
  for (int i = 0; i < 5000; ++i)
    absl::StrAppend(&log, "    #", i, " f a.cc:", i, " (m+0x", absl::Hex(i), ")\n");
  const Model model = ReadRaceLog(log, "log");
  const wire::SanitizerReport& report = model.processes[0]->sanitizer_reports.at(0);
  EXPECT_LE(report.accesses_size(), 512);
  EXPECT_LE(report.unread_size(), 100);
  for (const wire::Stack& stack : model.processes[0]->stacks) EXPECT_LE(stack.addresses_size(), 256);
}

// --- Go ---

TEST(RaceLogTest, GoroutinesOfGoAreTasks) {
  const Model model = ReadRaceLog(R"(WARNING: DATA RACE
Write at 0x00c00001a080 by goroutine 8:
  shop.(*Cart).add()
      app/cart.go:55 +0x8f

Previous read at 0x00c00001a080 by main goroutine:
  sync/atomic.LoadInt64()
      /go/race_amd64.s:207 +0xb
  main.main()
      app/main.go:20 +0x11a

Goroutine 8 (finished) created at:
  main.main()
      app/main.go:18 +0xe6
==================
Found 1 data race(s)
)",
                                  "log.77");
  EXPECT_THAT(model.damage, IsEmpty());
  const ProcessModel& process = *model.processes[0];
  EXPECT_EQ(process.process.pid(), 77);
  const wire::SanitizerReport& report = process.sanitizer_reports.at(0);
  EXPECT_TRUE(report.locks_unknown());
  ASSERT_EQ(report.accesses_size(), 2);
  EXPECT_EQ(report.accesses(0).task(), box::kFirstGoroutine + 8);
  EXPECT_EQ(FunctionsOf(process, report.accesses(0).stack()), "shop.(*Cart).add; ");
  EXPECT_TRUE(report.accesses(1).atomic());
  EXPECT_TRUE(process.FindTask(report.accesses(1).task())->main());
  const wire::Task* task = process.FindTask(report.accesses(0).task());
  EXPECT_TRUE(task->finished());
  EXPECT_EQ(task->kind(), "goroutine");
}

TEST(RaceLogTest, DeadlockReportOfGoIsALockOrder) {
  const wire::SanitizerReport report = ReportIn(R"(==================
WARNING: DEADLOCK
Goroutine 999 lock mutex 2 while holding mutex 1:
  main.a()
      a.go:1 +0x1

Mutex 1 was previously locked here:
  main.b()
      a.go:2 +0x1

==================
)");
  EXPECT_EQ(report.kind(), "lock-order");
  ASSERT_EQ(report.steps_size(), 1);
  EXPECT_NE(report.steps(0).held().site().stack(), 0u);
}

// --- recognition ---

TEST(RaceLogTest, LogsAreRecognizedByContent) {
  EXPECT_EQ(DetectKind(kRace), FileKind::kRaceLog);
  EXPECT_EQ(DetectKind(absl::StrCat("note: 3 tests\n", kRace)), FileKind::kRaceLog);
  EXPECT_EQ(DetectKind("PASS\nFound 1 data race(s)\n"), FileKind::kRaceLog);
  EXPECT_EQ(DetectKind("note { text: \"WARNING: DATA RACE\" }"), FileKind::kText);
  EXPECT_EQ(DetectKind("just text"), FileKind::kUnknown);
}

}  // namespace
}  // namespace stray::analyzer
