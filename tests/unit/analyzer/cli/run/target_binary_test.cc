// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/target_binary.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#else
constexpr uint16_t kMachine = EM_AARCH64;
#endif

// The start of an ELF file whose dynamic linker is `interpreter`; none if empty.
std::string Elf(const std::string& interpreter, uint16_t machine = kMachine,
                unsigned char elf_class = ELFCLASS64) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = elf_class;
  header.e_machine = machine;
  header.e_phoff = sizeof(header);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = interpreter.empty() ? 0 : 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_INTERP;
  segment.p_offset = sizeof(header) + sizeof(segment);
  segment.p_filesz = interpreter.size() + 1;
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  if (!interpreter.empty()) bytes.append(reinterpret_cast<const char*>(&segment), sizeof(segment));
  return bytes + interpreter + '\0';
}

TEST(TargetBinaryTest, GlibcProgramCanBeEntered) {
  EXPECT_EQ(ObstacleInElf(Elf("/lib64/ld-linux-x86-64.so.2")), Obstacle::kNone);
}

TEST(TargetBinaryTest, ObstaclesAreRecognized) {
  EXPECT_EQ(ObstacleInElf(Elf("")), Obstacle::kStatic);
  EXPECT_EQ(ObstacleInElf(Elf("/lib/ld-musl-x86_64.so.1")), Obstacle::kOtherLibc);
  EXPECT_EQ(ObstacleInElf(Elf("/lib/ld-linux.so.2", EM_386, ELFCLASS32)), Obstacle::kOtherMachine);
  EXPECT_EQ(ObstacleInElf(Elf("/lib/ld64.so.1", EM_S390)), Obstacle::kOtherMachine);
  EXPECT_EQ(ObstacleInElf("hello"), Obstacle::kNotElf);
}

TEST(TargetBinaryTest, CutAndHostileFilesAreSurvived) {
  const std::string whole = Elf("/lib64/ld-linux-x86-64.so.2");
  for (size_t size = 0; size <= whole.size(); ++size) ObstacleInElf(absl::string_view(whole).substr(0, size));
  std::string far = whole;
  reinterpret_cast<Elf64_Ehdr*>(far.data())->e_phoff = ~uint64_t{0} - 8;
  EXPECT_EQ(ObstacleInElf(far), Obstacle::kNone);
}

TEST(TargetBinaryTest, OwnProgramIsFoundAndHasNoObstacle) {
  const TargetBinary target = InspectTarget("/proc/self/exe");
  EXPECT_EQ(target.obstacle, Obstacle::kNone);
  EXPECT_FALSE(target.MustNotPreload());
}

TEST(TargetBinaryTest, CommandIsLookedUpInPath) {
  EXPECT_THAT(InspectTarget("cat").path, HasSubstr("/cat"));
  EXPECT_EQ(InspectTarget("no-such-command-anywhere").path, "");
}

TEST(TargetBinaryTest, ScriptIsJudgedByItsInterpreter) {
  char name[] = "/tmp/stray_script_XXXXXX";
  const std::string folder = mkdtemp(name);
  const std::string script = folder + "/script";
  std::ofstream(script) << "#! /bin/cat -n\n";
  EXPECT_EQ(InspectTarget(script).path, "/bin/cat");
  std::ofstream(script) << "just text\n";
  EXPECT_EQ(InspectTarget(script).obstacle, Obstacle::kNotElf);
  std::filesystem::remove_all(folder);
}

TEST(TargetBinaryTest, ReasonNamesTheFile) {
  TargetBinary target{.path = "/usr/bin/tool", .obstacle = Obstacle::kStatic};
  EXPECT_THAT(target.WhyNotEntered(), HasSubstr("/usr/bin/tool is statically linked"));
}

}  // namespace
}  // namespace stray::analyzer
