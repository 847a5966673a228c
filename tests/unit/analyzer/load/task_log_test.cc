// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/task_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/analysis/analyze.h"
#include "tests/unit/analyzer/load/listing_text.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kTwo[] = R"(goroutine 1 [chan receive, 3 minutes]:
main.main()
	/src/main.go:12 +0x1d

goroutine 7 [select]:
main.(*Cart).Flush(0xc00001a080, {0x1, 0x2})
	/src/cart.go:55 +0x8f
main.gen[...](...)
	/src/cart.go:60
created by main.main in goroutine 1
	/src/main.go:10 +0xe6
)";

const ProcessModel& Only(const Model& model) {
  EXPECT_THAT(model.processes, SizeIs(1));
  return *model.processes.front();
}

TEST(TaskLogTest, ListsGoroutines) {
  const Model model = ReadTaskLog(kTwo, "g.txt");
  const ProcessModel& process = Only(model);
  EXPECT_THAT(
      TasksText(process),
      ElementsAre("goroutine 1 blocked chan receive: main.main main.go:12",
                  "goroutine 7 blocked select: main.(*Cart).Flush cart.go:55, main.gen[...] cart.go:60"));
  EXPECT_TRUE(process.tasks[0].main());
  EXPECT_EQ(process.snapshots[0].tasks[0].wait_ns(), 180'000'000'000);
  EXPECT_EQ(process.tasks[1].parent(), (1u << 30) + 1);
  EXPECT_EQ(StackText(process, process.tasks[1].create_stack()), "main.main main.go:10");
  EXPECT_THAT(model.damage, IsEmpty());
  EXPECT_EQ(process.LastSnapshot()->info.reason(), "listing");
}

TEST(TaskLogTest, TakesWhatOthersPutBeforeLines) {
  const auto expected = TasksText(*ReadTaskLog(kTwo, "g").processes[0]);
  const std::string two = kTwo;
  for (const auto& [what, text] :
       {std::pair<std::string, std::string>{"CRLF", absl::StrReplaceAll(two, {{"\n", "\r\n"}})},
        {"spaces", absl::StrReplaceAll(two, {{"\n", "\n        "}})},
        {"spaces for tabs", absl::StrReplaceAll(two, {{"\t", "    "}})},
        {"tabs", absl::StrReplaceAll(two, {{"\n", "\n\t"}})},
        {"ctest", absl::StrReplaceAll(absl::StrCat("12: ", two), {{"\n", "\n12: "}})},
        {"time", absl::StrReplaceAll(absl::StrCat("10:01 [web] ", two), {{"\n", "\n10:02 [web] "}})},
        {"a message", absl::StrCat("2026/01/02 10:00:00 ", two)},
        {"test", absl::StrCat("    shop_test.go:12: ", absl::StrReplaceAll(two, {{"\n", "\n        "}}))}}) {
    const Model model = ReadTaskLog(text, "g");
    EXPECT_EQ(TasksText(*model.processes[0]), expected) << what;
    EXPECT_THAT(model.damage, IsEmpty()) << what;
  }
}

TEST(TaskLogTest, PassesOverOtherOutput) {
  const std::string text = absl::StrReplaceAll(kTwo, {{"main.gen", "served (3 requests)\nmain.gen"}});
  const Model model = ReadTaskLog(absl::StrCat("starting\n", text, "exit status 2\nFAIL\n"), "g");
  EXPECT_EQ(TasksText(*model.processes[0]), TasksText(*ReadTaskLog(kTwo, "g").processes[0]));
}

TEST(TaskLogTest, NeedsNoBlankLineBetween) {
  const Model model = ReadTaskLog(absl::StrReplaceAll(kTwo, {{"\n\n", "\n"}}), "g");
  EXPECT_THAT(TasksText(Only(model)), SizeIs(2));
}

TEST(TaskLogTest, KeepsEachStackOnce) {
  std::string text;
  for (int id = 1; id <= 500; ++id) {
    absl::StrAppend(&text, "goroutine ", id, " [select]:\nmain.f(0xc0000", id, ")\n\t/src/f.go:7 +0x1\n\n");
  }
  const Model model = ReadTaskLog(text, "g");
  EXPECT_THAT(Only(model).stacks, SizeIs(1));
  EXPECT_THAT(Only(model).frames, SizeIs(1));
  EXPECT_THAT(Only(model).tasks, SizeIs(500));
}

TEST(TaskLogTest, KnowsStacksThatAreNotWhole) {
  const Model model = ReadTaskLog(R"(goroutine 1 [running]:
main.deep(0x0)
	/src/f.go:7 +0x1
...97 frames elided...
main.main()
	/src/f.go:9 +0x1

goroutine 2 [running]:
	goroutine running on other thread; stack unavailable
created by main.main
	/src/f.go:3 +0x1

goroutine 3 [running]:
main.f()
...additional frames elided...
)",
                                  "g");
  EXPECT_THAT(TasksText(Only(model)),
              ElementsAre("goroutine 1 running: main.deep f.go:7, main.main f.go:9, ~",
                          "goroutine 2 running: ", "goroutine 3 running: main.f :0, ~"));
  EXPECT_THAT(Only(model).notes[0].text(), HasSubstr("1 frame of stacks could not be read in full"));
}

TEST(TaskLogTest, KnowsAncestors) {
  const Model model = ReadTaskLog(R"(goroutine 9 [select]:
main.c()
	/src/f.go:3 +0x1
created by main.b
	/src/f.go:2 +0x1
[originating from goroutine 8]:
main.b(...)
	/src/f.go:2 +0x1
main.bb(...)
	/src/f.go:22 +0x1
created by main.a
	/src/f.go:1 +0x1
[originating from goroutine 1]:
main.a(...)
	/src/f.go:1 +0x1
main.main(...)
	/src/f.go:11 +0x1
)",
                                  "g");
  const wire::Task& task = Only(model).tasks[0];
  EXPECT_EQ(task.parent() % (1u << 30), 8);
  EXPECT_EQ(StackText(Only(model), task.create_stack()), "main.b f.go:2, main.bb f.go:22");
  ASSERT_EQ(task.ancestor_stacks_size(), 1);
  EXPECT_EQ(StackText(Only(model), task.ancestor_stacks(0)), "main.a f.go:1, main.main f.go:11");
}

TEST(TaskLogTest, SaysWhatIsCut) {
  const std::string text = kTwo;
  for (const size_t size :
       {text.find("\t/src/cart.go:55"), text.find("cart.go:60") + 9, text.find("main.(*Cart)")}) {
    const Model model = ReadTaskLog(text.substr(0, size), "g.txt");
    EXPECT_THAT(model.damage, ElementsAre(HasSubstr("g.txt:5: the text ends within goroutine 7"))) << size;
    EXPECT_THAT(TasksText(Only(model)), SizeIs(2));
    EXPECT_TRUE(IsIncomplete(model));
  }
  const Model header = ReadTaskLog(text.substr(0, text.find("[select]") + 4), "g.txt");
  EXPECT_THAT(header.damage, ElementsAre(HasSubstr("a task begins here that could not be read")));
  EXPECT_THAT(ReadTaskLog(text.substr(0, text.size() - 1), "g.txt").damage, IsEmpty());
}

TEST(TaskLogTest, OneBadBlockLosesNoOther) {
  const Model model = ReadTaskLog(absl::StrCat("goroutine 5 [sel\nmain.f()\n\n", kTwo), "g.txt");
  EXPECT_THAT(TasksText(Only(model)), SizeIs(2));
  EXPECT_THAT(model.damage, ElementsAre(HasSubstr("g.txt:1: a task begins here that could not be read")));
}

TEST(TaskLogTest, BeginsAnotherDumpWhereANumberComesAgain) {
  const Model model = ReadTaskLog(absl::StrCat(kTwo, "\n", kTwo), "g.txt");
  ASSERT_THAT(model.processes, SizeIs(2));
  EXPECT_EQ(TasksText(*model.processes[0]), TasksText(*model.processes[1]));
  EXPECT_EQ(model.processes[0]->process.log(), "g.txt:1");
  EXPECT_EQ(model.processes[1]->process.log(), "g.txt:13");
}

TEST(TaskLogTest, TakesThreadsOfOneCrashForOneDump) {
  const Model model = ReadTaskLog(R"(SIGABRT: abort
PC=0x1 m=0 sigcode=0

goroutine 0 [idle]:
runtime.futex()
	/go/sys.s:1 +0x1

goroutine 1 [chan receive]:
main.main()
	/src/f.go:1 +0x1

goroutine 2 [running]:
	goroutine running on other thread; stack unavailable

-----

SIGABRT: abort
PC=0x2 m=3 sigcode=0

goroutine 0 [idle]:
runtime.mstart()
	/go/sys.s:2 +0x1

goroutine 2 [running]:
main.spin()
	/src/f.go:2 +0x1
rax    0x0
)",
                                  "g");
  EXPECT_THAT(TasksText(Only(model)),
              ElementsAre("thread ? running: runtime.futex sys.s:1",
                          "goroutine 1 blocked chan receive: main.main f.go:1",
                          "goroutine 2 running: main.spin f.go:2", "thread ? running: runtime.mstart sys.s:2"));
}

TEST(TaskLogTest, KnowsWhatAProgramDiedOf) {
  const Model model = ReadTaskLog(
      absl::StrCat("panic: send on closed channel [recovered]\n\tpanic: send on closed channel\n\n", kTwo),
      "g");
  ASSERT_THAT(Only(model).misuses, SizeIs(1));
  EXPECT_EQ(Only(model).misuses[0].kind(), "chan-send-closed");
  EXPECT_EQ(Only(model).misuses[0].task() % (1u << 30), 1);
  EXPECT_THAT(ReadTaskLog(absl::StrCat("panic: out of cheese\n\n", kTwo), "g").processes[0]->misuses,
              IsEmpty());
  const Model asleep =
      ReadTaskLog(absl::StrCat("fatal error: all goroutines are asleep - deadlock!\n\n", kTwo), "g");
  EXPECT_EQ(Only(asleep).LastSnapshot()->info.told(), "asleep");
}

TEST(TaskLogTest, BelievesADeadlockWithoutGoroutines) {
  const Model model =
      ReadTaskLog("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\nexit status 2\n", "g");
  EXPECT_EQ(Only(model).LastSnapshot()->info.told(), "asleep");
}

TEST(TaskLogTest, TakesWhatLeakTestsSayOnce) {
  constexpr char kGoleak[] = R"(    a_test.go:9: found unexpected goroutines:
        [Goroutine 7 in state chan receive, 5 minutes, with main.f on top of the stack:
        main.f(0x1)
        	/src/f.go:7 +0x2f
        created by main.T in goroutine 6
        	/src/f.go:2 +0x9b
         Goroutine 8 in state select, with main.g on top of the stack:
        goroutine 8 [select]{k: v}:
        main.g(0x1)
        	/src/f.go:8 +0x2f
        ]
)";
  const std::string leaktest =
      "    b_test.go:3: leaktest: leaked goroutine: goroutine 7 [chan receive]:\n        main.f(0x1)\n"
      "        \t/src/f.go:7 +0x2f\n        created by main.T\n        \t/src/f.go:2 +0x9b\n--- FAIL: TestB\n";
  const Model model = ReadTaskLog(absl::StrCat(kGoleak, "--- FAIL: TestA\n", kGoleak, leaktest), "g");
  EXPECT_THAT(TasksText(Only(model)),
              ElementsAre("goroutine 7 blocked chan receive (unexpected): main.f f.go:7",
                          "goroutine 8 blocked select (unexpected): main.g f.go:8"));
  ASSERT_THAT(Only(model).labels, SizeIs(1));
  EXPECT_EQ(Only(model).labels[0].value(), "v");
}

TEST(TaskLogTest, IsNotEveryText) {
  for (const char* text :
       {"", "hello\n", "I started goroutine 7 today\n", "goroutine profile\n", "Thread 2 waits\n",
        "panic: oh no\n", "fatal error: foo.h: No such file or directory\n"}) {
    EXPECT_FALSE(LooksLikeTaskLog(text)) << text;
    EXPECT_THAT(Only(ReadTaskLog(text, "g")).tasks, IsEmpty());
  }
  EXPECT_TRUE(LooksLikeTaskLog(absl::StrCat("noise\n", kTwo)));
}

TEST(TaskLogTest, TellsHowFarItIs) {
  std::string text;
  while (text.size() < 20'000'000) absl::StrAppend(&text, "some line of a log that is of no interest\n");
  uint64_t last = 0;
  int calls = 0;
  ReadTaskLog(text, "g", [&](uint64_t done, uint64_t all) {
    EXPECT_GT(done, last);
    EXPECT_EQ(all, text.size());
    last = done;
    ++calls;
  });
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace stray::analyzer
