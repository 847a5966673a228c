// SPDX-License-Identifier: Apache-2.0
// The symbolizer is asked about a library that the test compiles, loads and calls: the library hands back
// addresses of its own code and variables. Names of files and lines are fixed by #line.
#include "analyzer/load/symbolize.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// `Here` returns the address that it returns to, so each caller's own place comes out of the library.
constexpr char kSource[] = R"(
#line 100 "/src/shop/cart.cc"
extern "C" __attribute__((noinline)) void* Here() { return __builtin_return_address(0); }
#define KEEP(address) asm volatile("" : "+r"(address))
namespace {
__attribute__((always_inline)) inline void* Inner() {
  void* address = Here();  // line 104
  KEEP(address);
  return address;
}
struct Ledger {
  __attribute__((noinline)) static void* Append(int) {
    void* address = Inner();  // line 110
    KEEP(address);
    return address;
  }
};
}  // namespace
namespace shop {
template <typename T>
struct Cart {
  __attribute__((noinline)) void* Flush(T) {
    void* address = Here();  // line 120
    KEEP(address);
    return address;
  }
};
struct State { long before[5]; long mu; };
State g_state;
static State s_hidden;
}  // namespace shop
static __attribute__((noinline)) void* RunLambda() {
  auto lambda = []() __attribute__((noinline)) { void* address = Here(); KEEP(address); return address; };  // 130
  void* address = lambda();
  KEEP(address);
  return address;
}
extern "C" {
void* CallMoved() {
#line 0
  void* address = Here();
#line 142
  KEEP(address);
  return address;
}
void* CallFlush() { shop::Cart<int> cart; void* address = cart.Flush(1); KEEP(address); return address; }
void* CallAppend() { void* address = Ledger::Append(1); KEEP(address); return address; }
void* CallLambda() { void* address = RunLambda(); KEEP(address); return address; }
void* StateAddress() { return &shop::g_state; }
void* HiddenAddress() { void* address = &shop::s_hidden; KEEP(address); return address; }
}
)";

bool RunShell(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

struct Variant {
  const char* name;
  const char* compiler;
};

// The library, compiled and loaded, with the addresses it reports, as a process.
class Library {
 public:
  explicit Library(const std::string& compiler) {
    std::string pattern = testing::TempDir() + "/stray_symbolize_XXXXXX";
    directory_ = mkdtemp(pattern.data());
    std::ofstream(directory_ + "/cart.cc") << kSource;
    built_ = RunShell(compiler + " -shared -fPIC -Wl,--build-id -o " + path() + " " + directory_ + "/cart.cc");
    if (built_) handle_ = dlopen(path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) dl_iterate_phdr(ReadBuildId, this);
  }
  ~Library() {
    if (handle_ != nullptr) dlclose(handle_);
    RunShell("rm -rf " + directory_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  bool ok() const { return handle_ != nullptr; }
  const std::string& directory() const { return directory_; }
  std::string path() const { return directory_ + "/libcart.so"; }
  const std::string& build_id() const { return build_id_; }

  uint64_t Call(const char* function) const {
    auto* call = reinterpret_cast<void* (*)()>(dlsym(handle_, function));
    return call == nullptr ? 0 : reinterpret_cast<uint64_t>(call());
  }
  uint64_t Entry(const char* function) const { return reinterpret_cast<uint64_t>(dlsym(handle_, function)); }

  // A process whose only module is this library, or the file at `path` in its place.
  ProcessModel Process(const std::string& path_in_dump) const {
    ProcessModel process;
    wire::Module& module = process.modules.emplace_back();
    module.set_id(7);
    module.set_path(path_in_dump);
    module.set_base(reinterpret_cast<link_map*>(handle_)->l_addr);
    module.set_start(module.base());
    module.set_end(module.base() + 0x100000);
    module.set_build_id(build_id());
    return process;
  }
  ProcessModel Process() const { return Process(path()); }

 private:
  // From the notes of the library as it is loaded.
  static int ReadBuildId(dl_phdr_info* info, size_t, void* self) {
    auto* library = static_cast<Library*>(self);
    if (info->dlpi_name != library->path()) return 0;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
      if (info->dlpi_phdr[i].p_type != PT_NOTE) continue;
      const char* note = reinterpret_cast<const char*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
      const char* end = note + info->dlpi_phdr[i].p_memsz;
      while (note < end) {
        const auto* header = reinterpret_cast<const ElfW(Nhdr)*>(note);
        const char* description = note + sizeof(*header) + (header->n_namesz + 3) / 4 * 4;
        if (header->n_type == NT_GNU_BUILD_ID) {
          library->build_id_ = absl::BytesToHexString(absl::string_view(description, header->n_descsz));
        }
        note = description + (header->n_descsz + 3) / 4 * 4;
      }
    }
    return 1;
  }

  std::string directory_;
  std::string build_id_;
  void* handle_ = nullptr;
  bool built_ = false;
};

void AddStack(ProcessModel& process, std::vector<uint64_t> addresses, bool first_is_exact = false) {
  wire::Stack& stack = process.stacks.emplace_back();
  stack.set_id(static_cast<uint32_t>(process.stacks.size()));
  stack.set_first_is_exact(first_is_exact);
  for (uint64_t address : addresses) stack.add_addresses(address);
}

// "function file:line" of each location.
std::vector<std::string> Places(const ProcessModel& process, uint64_t address) {
  std::vector<std::string> places;
  const wire::Frame* frame = process.FrameAt(address);
  if (frame == nullptr) return {"no frame"};
  for (const wire::Location& location : frame->locations()) {
    std::string file =
        location.file().empty() ? "" : " " + location.file() + ":" + std::to_string(location.line());
    places.push_back(location.function() + file);
  }
  return places;
}

SymbolizeOptions DebugIn(const std::string& directory) {
  SymbolizeOptions options;
  options.debug_directories = {directory};
  return options;
}

class SymbolizeCompilerTest : public testing::TestWithParam<Variant> {
 protected:
  SymbolizeCompilerTest() : library_(GetParam().compiler) {}
  void SetUp() override {
    if (!library_.ok()) GTEST_SKIP() << "cannot compile with " << GetParam().compiler;
  }
  Library library_;
};

TEST_P(SymbolizeCompilerTest, FunctionFileAndLineComeFromDwarf) {
  ProcessModel process = library_.Process();
  uint64_t flush = library_.Call("CallFlush");
  AddStack(process, {flush});
  Symbolize(process);
  EXPECT_THAT(Places(process, flush), ElementsAre("shop::Cart<int>::Flush(int) /src/shop/cart.cc:120"));
  const wire::Frame* frame = process.FrameAt(flush);
  EXPECT_EQ(frame->module(), 7u);
  EXPECT_EQ(frame->offset(), flush - process.modules[0].base());
  EXPECT_EQ(frame->locations(0).start_file(), "/src/shop/cart.cc");
  EXPECT_EQ(frame->locations(0).start_line(), 119u);
}

TEST_P(SymbolizeCompilerTest, InlinedFunctionsAreExpandedInnermostFirst) {
  ProcessModel process = library_.Process();
  uint64_t append = library_.Call("CallAppend");
  AddStack(process, {append});
  Symbolize(process);
  EXPECT_THAT(Places(process, append),
              ElementsAre(testing::AnyOf("(anonymous namespace)::Inner() /src/shop/cart.cc:104",
                                         "(anonymous namespace)::Inner /src/shop/cart.cc:104"),
                          testing::AnyOf("(anonymous namespace)::Ledger::Append(int) /src/shop/cart.cc:110",
                                         "(anonymous namespace)::Ledger::Append /src/shop/cart.cc:110")));
}

TEST_P(SymbolizeCompilerTest, LambdasBelongToTheirFunction) {
  ProcessModel process = library_.Process();
  uint64_t lambda = library_.Call("CallLambda");
  AddStack(process, {lambda});
  Symbolize(process);
  std::vector<std::string> places = Places(process, lambda);
  ASSERT_FALSE(places.empty());
  EXPECT_THAT(places[0], StartsWith("RunLambda"));
  EXPECT_THAT(places[0], testing::EndsWith(":130"));
}

TEST_P(SymbolizeCompilerTest, CodeWithoutALineHasTheNextOne) {
  if (absl::StartsWith(GetParam().compiler, "g++")) GTEST_SKIP() << "gcc gives line 0 to no code";
  ProcessModel process = library_.Process();
  uint64_t moved = library_.Call("CallMoved");
  AddStack(process, {moved});
  Symbolize(process);
  EXPECT_THAT(Places(process, moved), ElementsAre("CallMoved /src/shop/cart.cc:143"));
}

INSTANTIATE_TEST_SUITE_P(
    Compilers, SymbolizeCompilerTest,
    testing::Values(Variant{"Gcc", "g++ -g -O1"}, Variant{"GccDwarf4", "g++ -gdwarf-4 -O2"},
                    Variant{"GccCompressed", "g++ -g -gz=zlib -O1"}, Variant{"Clang14", "clang++-14 -g -O1"},
                    Variant{"Clang19", "clang++-19 -g -O1"},
                    Variant{"Clang19Optimized", "clang++-19 -gdwarf-5 -O2 -ffunction-sections"}),
    [](const auto& variant) { return std::string(variant.param.name); });

class SymbolizeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { library_ = new Library("c++ -g -O1"); }
  static void TearDownTestSuite() {
    delete library_;
    library_ = nullptr;
  }
  void SetUp() override { ASSERT_TRUE(library_->ok()) << "the tests need a compiler: c++"; }

  // A copy of the library made by objcopy with `options`.
  static std::string Copy(const std::string& name, const std::string& options) {
    std::string path = library_->directory() + "/" + name;
    EXPECT_TRUE(RunShell("objcopy " + options + " " + library_->path() + " " + path)) << options;
    return path;
  }

  static Library* library_;
};

Library* SymbolizeTest::library_ = nullptr;

TEST_F(SymbolizeTest, DebugFilesAreFoundByBuildId) {
  std::string id = library_->build_id();
  ASSERT_GT(id.size(), 2u);
  std::string stripped = Copy("by_id.so", "--strip-all");
  std::string home = "debug/.build-id/" + id.substr(0, 2);
  ASSERT_TRUE(RunShell("mkdir -p " + library_->directory() + "/" + home));
  Copy(home + "/" + id.substr(2) + ".debug", "--only-keep-debug");
  ProcessModel process = library_->Process(stripped);
  uint64_t flush = library_->Call("CallFlush");
  AddStack(process, {flush});
  Symbolize(process, DebugIn(library_->directory() + "/debug"));
  EXPECT_THAT(Places(process, flush), ElementsAre("shop::Cart<int>::Flush(int) /src/shop/cart.cc:120"));
}

TEST_F(SymbolizeTest, DebugFilesAreFoundByLink) {
  Copy("linked.debug", "--only-keep-debug");
  std::string link = "--add-gnu-debuglink=" + library_->directory() + "/linked.debug";
  std::string stripped = Copy("by_link.so", "--strip-all " + link);
  ProcessModel process = library_->Process(stripped);
  uint64_t flush = library_->Call("CallFlush");
  AddStack(process, {flush});
  Symbolize(process, DebugIn("/nonexistent"));
  EXPECT_THAT(Places(process, flush), ElementsAre("shop::Cart<int>::Flush(int) /src/shop/cart.cc:120"));
}

TEST_F(SymbolizeTest, WithoutBuildIdALinkIsCheckedByItsChecksum) {
  std::string no_id = "--remove-section=.note.gnu.build-id ";
  Copy("plain.debug", "--only-keep-debug " + no_id);
  std::string link = "--add-gnu-debuglink=" + library_->directory() + "/plain.debug ";
  std::string stripped = Copy("plain.so", "--strip-all " + no_id + link);
  uint64_t append = library_->Call("CallAppend");
  for (bool damaged : {false, true}) {
    if (damaged) std::ofstream(library_->directory() + "/plain.debug", std::ios::app) << "x";
    ProcessModel process = library_->Process(stripped);
    process.modules[0].clear_build_id();
    AddStack(process, {append});
    Symbolize(process, DebugIn("/nonexistent"));
    EXPECT_EQ(Places(process, append).size(), damaged ? 0u : 2u);
  }
}

TEST_F(SymbolizeTest, WithoutDebugInformationSymbolsNameTheFunction) {
  std::string symbols_only = Copy("symtab.so", "--strip-debug");
  ProcessModel process = library_->Process(symbols_only);
  uint64_t append = library_->Call("CallAppend");
  AddStack(process, {append});
  Symbolize(process, DebugIn("/nonexistent"));
  EXPECT_THAT(Places(process, append), ElementsAre("(anonymous namespace)::Ledger::Append(int)"));
}

TEST_F(SymbolizeTest, AStrippedFileStillHasItsExportedNames) {
  std::string stripped = Copy("dynsym.so", "--strip-all");
  ProcessModel process = library_->Process(stripped);
  uint64_t exported = library_->Entry("CallFlush") + 4;
  uint64_t local = library_->Call("CallAppend");
  AddStack(process, {exported, local});
  Symbolize(process, DebugIn("/nonexistent"));
  EXPECT_THAT(Places(process, exported), ElementsAre("CallFlush"));
  EXPECT_THAT(Places(process, local), IsEmpty());
  EXPECT_EQ(process.FrameAt(local)->module(), 7u);
  EXPECT_EQ(process.FrameAt(local)->offset(), local - process.modules[0].base());
}

TEST_F(SymbolizeTest, AFileWithAnotherBuildIdIsNotUsed) {
  ProcessModel process = library_->Process();
  process.modules[0].set_build_id("0123456789abcdef");
  uint64_t flush = library_->Call("CallFlush");
  AddStack(process, {flush});
  Symbolize(process);
  EXPECT_THAT(Places(process, flush), IsEmpty());
  EXPECT_EQ(process.FrameAt(flush)->module(), 7u);
}

TEST_F(SymbolizeTest, FilesThatCannotBeReadAreNoError) {
  std::string garbage = library_->directory() + "/garbage.so";
  std::ofstream(garbage) << "no ELF file";
  std::string cut = library_->directory() + "/cut.so";
  ASSERT_TRUE(RunShell("head -c 5000 " + library_->path() + " > " + cut));
  std::string pipe = library_->directory() + "/pipe.so";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  uint64_t flush = library_->Call("CallFlush");
  for (const std::string& path : {garbage, cut, pipe, library_->path() + " (deleted)", std::string("[vdso]"),
                                  std::string("linux-vdso.so.1"), std::string("/"), std::string()}) {
    ProcessModel process = library_->Process(path);
    process.modules[0].clear_build_id();
    AddStack(process, {flush});
    Symbolize(process);
    EXPECT_THAT(Places(process, flush), IsEmpty()) << path;
  }
}

TEST_F(SymbolizeTest, DamagedElfStructuresDoNotCrash) {
  std::ifstream in(Copy("whole.so", "--strip-debug"), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  uint64_t flush = library_->Call("CallFlush");
  std::string path = library_->directory() + "/damaged.so";
  uint32_t state = 1;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = bytes;
    for (int flips = 0; flips < 200; ++flips) {
      state = state * 1664525 + 1013904223;
      damaged[64 + state % (damaged.size() - 64)] ^= static_cast<char>(1 << (state >> 29));
    }
    std::ofstream(path, std::ios::binary) << damaged;
    ProcessModel process = library_->Process(path);
    process.modules[0].clear_build_id();
    AddStack(process, {flush});
    process.objects.emplace_back().set_address(library_->Call("StateAddress"));
    Symbolize(process, DebugIn("/nonexistent"));
    EXPECT_NE(process.FrameAt(flush), nullptr);
  }
}

TEST_F(SymbolizeTest, RelativePathsAreThoseOfTheProcess) {
  ProcessModel process = library_->Process("libcart.so");
  process.process.set_working_directory(library_->directory());
  uint64_t flush = library_->Call("CallFlush");
  AddStack(process, {flush});
  Symbolize(process);
  EXPECT_EQ(Places(process, flush).size(), 1u);
}

TEST_F(SymbolizeTest, AnEntryIsReadAsItIsAndAReturnAddressAsTheCallBefore) {
  ProcessModel process = library_->Process();
  uint64_t entry = library_->Entry("CallAppend");
  uint64_t other = library_->Entry("CallLambda");
  process.tasks.emplace_back().set_start_routine(entry);
  AddStack(process, {other}, /*first_is_exact=*/true);
  Symbolize(process);
  ASSERT_EQ(Places(process, entry).size(), 1u);
  EXPECT_THAT(Places(process, entry)[0], StartsWith("CallAppend"));
  EXPECT_THAT(Places(process, other)[0], StartsWith("CallLambda"));

  ProcessModel returned = library_->Process();
  AddStack(returned, {entry});
  Symbolize(returned);
  for (const std::string& place : Places(returned, entry))
    EXPECT_THAT(place, testing::Not(StartsWith("CallAppend")));
}

TEST_F(SymbolizeTest, EveryMentionedAddressGetsAFrame) {
  ProcessModel process = library_->Process();
  uint64_t base = library_->Call("CallFlush");
  uint64_t next = base;
  process.objects.emplace_back().mutable_first_site()->set_address(++next);
  process.tasks.emplace_back().add_events()->mutable_site()->set_address(++next);
  wire::TaskState& state = process.snapshots.emplace_back().tasks.emplace_back();
  state.mutable_site()->set_address(++next);
  state.add_held()->mutable_site()->set_address(++next);
  process.lock_chains.emplace_back().add_entries()->mutable_site()->set_address(++next);
  process.misuses.emplace_back().mutable_other_site()->set_address(++next);
  Symbolize(process);
  EXPECT_EQ(process.frames.size(), 6u);
  for (uint64_t address = base + 1; address <= next; ++address) EXPECT_NE(process.FrameAt(address), nullptr);
  EXPECT_EQ(process.FrameAt(0), nullptr);
}

TEST_F(SymbolizeTest, AddressesOutsideAllModulesGetAnEmptyFrame) {
  ProcessModel process = library_->Process();
  AddStack(process, {0x10, UINT64_MAX});
  Symbolize(process);
  ASSERT_NE(process.FrameAt(0x10), nullptr);
  EXPECT_EQ(process.FrameAt(0x10)->module(), 0u);
  EXPECT_THAT(Places(process, UINT64_MAX), IsEmpty());
}

TEST_F(SymbolizeTest, VariablesNameObjects) {
  ProcessModel process = library_->Process();
  uint64_t state = library_->Call("StateAddress");
  for (uint64_t address : {state, state + 0x28, library_->Call("HiddenAddress") + 8, uint64_t{0x10}}) {
    process.objects.emplace_back().set_address(address);
  }
  process.objects.emplace_back().set_address(state);
  process.objects.back().set_name("given");
  process.objects.emplace_back().set_address(state);
  process.objects.back().set_on_stack(true);
  Symbolize(process);
  std::vector<std::string> names;
  for (const wire::Object& object : process.objects) names.push_back(object.name());
  EXPECT_THAT(names, ElementsAre("shop::g_state", "shop::g_state+0x28", "shop::s_hidden+0x8", "", "given", ""));
}

TEST_F(SymbolizeTest, ASymbolizedProcessStaysWhatItWas) {
  ProcessModel process = library_->Process();
  uint64_t flush = library_->Call("CallFlush");
  AddStack(process, {flush, flush + 1});
  wire::Frame& frame = process.frames.emplace_back();
  frame.set_address(flush);
  frame.add_locations()->set_function("as the dump has it");
  Symbolize(process);
  Symbolize(process);
  EXPECT_EQ(process.frames.size(), 2u);
  EXPECT_THAT(Places(process, flush), ElementsAre("as the dump has it"));
}

TEST_F(SymbolizeTest, OneSymbolizerServesManyProcesses) {
  Symbolizer symbolizer;
  uint64_t flush = library_->Call("CallFlush");
  for (int i = 0; i < 3; ++i) {
    ProcessModel process = library_->Process();
    AddStack(process, {flush});
    symbolizer.Symbolize(process);
    EXPECT_EQ(Places(process, flush).size(), 1u);
  }
}

}  // namespace
}  // namespace stray::analyzer
