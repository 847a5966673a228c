// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/frames.h"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

wire::Module ModuleAtPath(const std::string& path) {
  wire::Module module;
  module.set_path(path);
  return module;
}

FrameRole RoleOf(const std::string& function, const std::string& path = "/opt/app/cart") {
  wire::Location location;
  location.set_function(function);
  wire::Module module = ModuleAtPath(path);
  return Classify(location, &module);
}

// A process with three modules and one frame a call: Frame({inner, outer}) makes an address with inlining.
class FakeProcess {
 public:
  static constexpr uint64_t kApp = 0x10000;
  static constexpr uint64_t kLibc = 0x20000;
  static constexpr uint64_t kAgent = 0x30000;

  FakeProcess() {
    AddModule("/opt/app/cart", kApp);
    AddModule("/usr/lib/x86_64-linux-gnu/libc.so.6", kLibc);
    AddModule("/usr/lib/stray/libstray_agent.so", kAgent);
  }

  // Adds an address to the stack, inlined functions first, and returns it.
  uint64_t Frame(uint64_t module_start, std::initializer_list<const char*> functions) {
    wire::Frame& frame = process_.frames.emplace_back();
    frame.set_address(module_start + ++count_);
    frame.set_module(static_cast<uint32_t>(module_start / 0x10000));
    for (const char* function : functions) frame.add_locations()->set_function(function);
    stack_.push_back(frame.address());
    return frame.address();
  }

  // An address that no Frame record describes.
  uint64_t Unknown(uint64_t address) { return stack_.emplace_back(address); }

  const ProcessModel& Done() {
    process_.Index();
    return process_;
  }
  const std::vector<uint64_t>& stack() const { return stack_; }

 private:
  void AddModule(const std::string& path, uint64_t start) {
    wire::Module& module = process_.modules.emplace_back(ModuleAtPath(path));
    module.set_id(static_cast<uint32_t>(start / 0x10000));
    module.set_base(start);
    module.set_start(start);
    module.set_end(start + 0x10000);
  }

  ProcessModel process_;
  std::vector<uint64_t> stack_;
  uint64_t count_ = 0;
};

std::vector<std::string> Shown(const std::vector<FoldedFrame>& folded) {
  std::vector<std::string> shown;
  for (const FoldedFrame& entry : folded) {
    std::string text = DisplayName(entry.frame);
    if (entry.folded > 0) text = "[" + std::to_string(entry.folded) + " " + text + "]";
    shown.push_back(text);
  }
  return shown;
}

TEST(FramesTest, FunctionsOfTheProgramAreUserCode) {
  EXPECT_EQ(RoleOf("main"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("Cart::Flush()"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("(anonymous namespace)::Worker(int)"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("standard::Run()"), FrameRole::kUser);
  EXPECT_EQ(RoleOf(""), FrameRole::kUser);
  EXPECT_EQ(RoleOf("redisCommand", "/usr/lib/x86_64-linux-gnu/libhiredis.so.0.14"), FrameRole::kUser);
}

TEST(FramesTest, UserCallablesInsideTheLibraryAreUserCode) {
  EXPECT_EQ(RoleOf("main::{lambda()#1}::operator()() const"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("main::'lambda'()::operator()() const"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("main::$_0::operator()() const"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("void Cart::Each<std::vector<int, std::allocator<int> > >(int)"), FrameRole::kUser);
  EXPECT_EQ(RoleOf("std::vector<int, std::allocator<int> > Load<int>(char const*)"), FrameRole::kUser);
}

TEST(FramesTest, LibrariesBetweenUserAndKernelAreRuntime) {
  EXPECT_EQ(RoleOf("start_thread"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("read", "/usr/lib/x86_64-linux-gnu/libc.so.6"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("", "/lib64/ld-linux-x86-64.so.2"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("execute_native_thread_routine", "/usr/lib/libstdc++.so.6.0.30"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("std::mutex::lock()"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("std::lock_guard<std::mutex>::lock_guard(std::mutex&)"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("void std::__1::unique_lock<std::__1::mutex>::lock()"), FrameRole::kRuntime);
  EXPECT_EQ(
      RoleOf("void std::__invoke_impl<void, main::{lambda()#1}>(std::__invoke_other, main::{lambda()#1}&&)"),
      FrameRole::kRuntime);
  EXPECT_EQ(
      RoleOf("std::thread::_State_impl<std::thread::_Invoker<std::tuple<void (*)(int), int> > >::_M_run()"),
      FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("__gthread_mutex_lock(pthread_mutex_t*)"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("___interceptor_pthread_mutex_lock"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("__tsan::ThreadStart(__tsan::ThreadState*, unsigned int)"), FrameRole::kRuntime);
  EXPECT_EQ(RoleOf("absl::lts_20220623::Mutex::LockSlowLoop(absl::lts_20220623::SynchWaitParams*, int)"),
            FrameRole::kRuntime);
}

TEST(FramesTest, FramesOfTheAgentAreKnownByModuleAndByNamespace) {
  EXPECT_EQ(RoleOf("pthread_mutex_lock", "/opt/lib/libstray_agent.so"), FrameRole::kAgent);
  EXPECT_EQ(RoleOf("stray::agent::Park(int)"), FrameRole::kAgent);
  wire::Module renamed = ModuleAtPath("/opt/lib/renamed.so");
  renamed.set_agent(true);
  EXPECT_EQ(Classify(wire::Location(), &renamed), FrameRole::kAgent);
}

TEST(FramesTest, RustStandardLibraryIsKnownByItsSource) {
  wire::Location location;
  location.set_function("core::result::unwrap_failed");
  EXPECT_EQ(Classify(location, nullptr), FrameRole::kUser);
  location.set_file("/rustc/9fc6b431/library/core/src/result.rs");
  EXPECT_EQ(Classify(location, nullptr), FrameRole::kRuntime);
}

TEST(FramesTest, TopUserFrameIsTheInnermostUserLocationEvenIfInlined) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kAgent, {"pthread_mutex_lock"});
  fake.Frame(FakeProcess::kApp, {"std::mutex::lock()", "Ledger::Append(int)", "Cart::Flush()"});
  fake.Frame(FakeProcess::kApp, {"main"});
  auto top = TopUserFrame(fake.Done(), fake.stack());
  ASSERT_TRUE(top.has_value());
  EXPECT_EQ(top->location->function(), "Ledger::Append(int)");
  EXPECT_TRUE(top->inlined);
  EXPECT_EQ(top->role, FrameRole::kUser);
}

TEST(FramesTest, WithoutUserCodeTopUserFrameIsWhatTheThreadDoes) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kAgent, {"pthread_mutex_lock"});
  fake.Frame(FakeProcess::kLibc, {});
  fake.Frame(FakeProcess::kLibc, {"sigwaitinfo"});
  fake.Frame(FakeProcess::kLibc, {"timer_helper_thread"});
  fake.Frame(FakeProcess::kLibc, {"start_thread"});
  fake.Frame(FakeProcess::kLibc, {"clone3"});
  auto top = TopUserFrame(fake.Done(), fake.stack());
  ASSERT_TRUE(top.has_value());
  EXPECT_EQ(DisplayName(*top), "timer_helper_thread");
}

constexpr const char* kHandler =
    "std::_Function_handler<void (), main::{lambda(int)#3}>::_M_invoke(std::_Any_data const&)";
constexpr const char* kThreadState =
    "std::thread::_State_impl<std::thread::_Invoker<std::tuple<shop::Cart<int>::Start()::'lambda0'()> > "
    ">::_M_run()";

TEST(FramesTest, AWrapperWithALambdaInlinedIsNamedAsTheLambda) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kLibc, {"pthread_mutex_lock"});
  fake.Frame(FakeProcess::kApp, {kHandler});
  fake.Frame(FakeProcess::kApp, {kThreadState});
  std::vector<FoldedFrame> folded = FoldedFrames(fake.Done(), fake.stack());
  EXPECT_THAT(Shown(folded),
              ElementsAre("[1 pthread_mutex_lock]", "main::{lambda#3}", "shop::Cart<int>::Start::{lambda#2}"));
  EXPECT_EQ(FunctionKey(folded[1].frame), "main::{lambda}");
}

TEST(FramesTest, AWrapperWhoseLambdaHasItsOwnFrameIsRuntime) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kApp, {"main::{lambda(int)#3}::operator()(int) const"});
  fake.Frame(FakeProcess::kApp, {kHandler});
  EXPECT_THAT(
      Shown(FoldedFrames(fake.Done(), fake.stack())),
      ElementsAre("main::{lambda#3}", "[1 std::_Function_handler<void (), main::{lambda#3}>::_M_invoke]"));
}

TEST(FramesTest, AfterATailCallTopUserFrameIsWhatUserCodeCalled) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kLibc, {"syscall"});
  fake.Frame(FakeProcess::kApp, {"std::__basic_future<int>::_M_get_result() const", "std::future<int>::get()"});
  fake.Frame(FakeProcess::kLibc, {"start_thread"});
  auto top = TopUserFrame(fake.Done(), fake.stack());
  ASSERT_TRUE(top.has_value());
  EXPECT_EQ(DisplayName(*top), "std::future<int>::get");
}

TEST(FramesTest, TopUserFrameOfNothingButTheAgentIsNone) {
  FakeProcess fake;
  EXPECT_FALSE(TopUserFrame(fake.Done(), fake.stack()).has_value());
  fake.Frame(FakeProcess::kAgent, {"pthread_create"});
  EXPECT_FALSE(TopUserFrame(fake.Done(), fake.stack()).has_value());
}

TEST(FramesTest, UserCodeWithoutNamesIsShownByModuleAndOffset) {
  FakeProcess fake;
  uint64_t inside = fake.Frame(FakeProcess::kApp, {});
  auto top = TopUserFrame(fake.Done(), fake.stack());
  ASSERT_TRUE(top.has_value());
  EXPECT_EQ(DisplayName(*top), "cart+0x1");
  EXPECT_EQ(FunctionKey(*top), "cart+0x1");
  EXPECT_EQ(top->address, inside);
}

TEST(FramesTest, AddressesWithoutFrameRecordFindTheirModule) {
  FakeProcess fake;
  fake.Unknown(FakeProcess::kApp + 0x42);
  fake.Unknown(0x7fff12345678);
  std::vector<FrameView> frames = ExpandFrames(fake.Done(), fake.stack());
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(DisplayName(frames[0]), "cart+0x42");
  EXPECT_EQ(DisplayName(frames[1]), "0x7fff12345678");
}

TEST(FramesTest, ASiteIsItsStackOrItsAddress) {
  FakeProcess fake;
  uint64_t flush = fake.Frame(FakeProcess::kApp, {"Cart::Flush()"});
  const ProcessModel& process = fake.Done();
  wire::Site site;
  EXPECT_FALSE(TopUserFrame(process, site).has_value());
  site.set_address(flush);
  ASSERT_TRUE(TopUserFrame(process, site).has_value());
  EXPECT_EQ(DisplayName(*TopUserFrame(process, site)), "Cart::Flush");
}

TEST(FramesTest, AModuleThatIsStillLoadedBeatsOneThatWasUnloaded) {
  ProcessModel process;
  for (bool unloaded : {true, false}) {
    wire::Module& module = process.modules.emplace_back(ModuleAtPath(unloaded ? "/old.so" : "/new.so"));
    module.set_start(0x1000);
    module.set_end(0x2000);
    module.set_unloaded(unloaded);
  }
  EXPECT_EQ(ModuleName(ModuleAt(process, 0x1800)), "new.so");
  EXPECT_EQ(ModuleAt(process, 0x2000), nullptr);
}

TEST(FramesTest, RunsOfInternalFramesFoldAndNameTheirBorder) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kAgent, {"pthread_mutex_lock"});
  fake.Frame(FakeProcess::kApp,
             {"__gthread_mutex_lock(pthread_mutex_t*)", "std::mutex::lock()", "Cart::Flush()"});
  fake.Frame(FakeProcess::kApp, {"std::function<void ()>::operator()() const"});
  fake.Frame(FakeProcess::kApp, {"Worker::Run()"});
  fake.Frame(FakeProcess::kApp, {"std::thread::_Invoker<std::tuple<void (*)()> >::operator()()"});
  fake.Frame(FakeProcess::kLibc, {"start_thread"});
  fake.Frame(FakeProcess::kLibc, {"clone3"});
  std::vector<FoldedFrame> folded = FoldedFrames(fake.Done(), fake.stack());
  EXPECT_THAT(Shown(folded),
              ElementsAre("[3 std::mutex::lock]", "Cart::Flush", "[1 std::function<void ()>::operator()]",
                          "Worker::Run", "[3 std::thread::_Invoker<std::tuple<void (*)()>>::operator()]"));
  EXPECT_EQ(folded[0].place, FoldedFrame::Place::kInside);
  EXPECT_EQ(folded[1].place, FoldedFrame::Place::kShown);
  EXPECT_EQ(folded[2].place, FoldedFrame::Place::kMiddle);
  EXPECT_EQ(folded[4].place, FoldedFrame::Place::kBase);
}

TEST(FramesTest, OfAStackWithoutUserCodeItsEntryIntoTheRuntimeIsShown) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kAgent, {"nanosleep"});
  fake.Frame(FakeProcess::kLibc, {"usleep"});
  fake.Frame(FakeProcess::kLibc, {"sleep"});
  fake.Frame(FakeProcess::kLibc, {"start_thread"});
  EXPECT_THAT(Shown(FoldedFrames(fake.Done(), fake.stack())),
              ElementsAre("[2 usleep]", "sleep", "[1 start_thread]"));
  EXPECT_THAT(FoldedFrames(fake.Done(), {}), IsEmpty());
}

TEST(FramesTest, AStackWithoutNamesIsShownWithoutTheAgent) {
  FakeProcess fake;
  fake.Frame(FakeProcess::kAgent, {"nanosleep"});
  fake.Frame(FakeProcess::kLibc, {});
  fake.Frame(FakeProcess::kLibc, {});
  EXPECT_THAT(Shown(FoldedFrames(fake.Done(), fake.stack())), ElementsAre("libc.so.6+0x2", "libc.so.6+0x3"));
}

TEST(FramesTest, ModuleNameIsTheLastPartOfThePath) {
  wire::Module module = ModuleAtPath("/opt/app/cart (deleted)");
  EXPECT_EQ(ModuleName(&module), "cart");
  EXPECT_EQ(ModuleName(nullptr), "");
}

}  // namespace
}  // namespace stray::analyzer
