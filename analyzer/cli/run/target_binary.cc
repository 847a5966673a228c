// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/target_binary.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {
namespace {

constexpr size_t kHeadBytes = 64 * 1024;  // program headers and the name of the dynamic linker are in here
constexpr int kScriptDepth = 4;           // as the kernel limits it

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#else
#error "stray runs on x86-64 and aarch64"
#endif

std::string ReadHead(const std::string& path) {
  const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.IsOpen()) return "";
  std::string head(kHeadBytes, '\0');
  const ssize_t size = pread(fd.get(), head.data(), head.size(), 0);
  head.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return head;
}

bool IsExecutableFile(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::string FindInPath(const std::string& command) {
  if (command.find('/') != std::string::npos) return command;
  const char* path = getenv("PATH");
  for (absl::string_view folder : absl::StrSplit(path == nullptr ? "/bin:/usr/bin" : path, ':')) {
    const std::string candidate = absl::StrCat(folder.empty() ? "." : folder, "/", command);
    if (IsExecutableFile(candidate)) return candidate;
  }
  return "";
}

// The interpreter that the first line of a script names, or "".
std::string Interpreter(absl::string_view head) {
  if (!absl::ConsumePrefix(&head, "#!")) return "";
  const absl::string_view line = head.substr(0, head.find('\n'));
  for (absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
    return std::string(word);
  }
  return "";
}

bool IsPrivileged(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return false;
  const bool changes_user = (info.st_mode & S_ISUID) != 0 && info.st_uid != getuid();
  const bool changes_group = (info.st_mode & S_ISGID) != 0 && info.st_gid != getgid();
  const bool has_capabilities = getxattr(path.c_str(), "security.capability", nullptr, 0) > 0 && getuid() != 0;
  return changes_user || changes_group || has_capabilities;
}

bool IsForeignLibc(absl::string_view dynamic_linker) {
  return dynamic_linker.find("ld-linux") == absl::string_view::npos;
}

}  // namespace

Obstacle ObstacleInElf(absl::string_view bytes) {
  Elf64_Ehdr header;
  if (bytes.size() < sizeof(header) || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0)
    return Obstacle::kNotElf;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != kMachine) return Obstacle::kOtherMachine;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    const uint64_t offset = header.e_phoff + i * sizeof(segment);
    if (header.e_phentsize != sizeof(segment) || offset > bytes.size() ||
        bytes.size() - offset < sizeof(segment)) {
      return Obstacle::kNone;  // beyond what was read: no reason to think ill of it
    }
    std::memcpy(&segment, bytes.data() + offset, sizeof(segment));
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_offset > bytes.size()) return Obstacle::kNone;
    const absl::string_view name = bytes.substr(segment.p_offset, segment.p_filesz);
    return IsForeignLibc(name) ? Obstacle::kOtherLibc : Obstacle::kNone;
  }
  return Obstacle::kStatic;
}

TargetBinary InspectTarget(const std::string& command) {
  TargetBinary target;
  target.path = FindInPath(command);
  std::string head = ReadHead(target.path);
  for (int depth = 0; depth < kScriptDepth && !Interpreter(head).empty(); ++depth) {
    target.path = Interpreter(head);
    head = ReadHead(target.path);
  }
  if (head.empty()) return target;  // not there or not readable: exec will say
  target.obstacle = IsPrivileged(target.path) ? Obstacle::kPrivileged : ObstacleInElf(head);
  return target;
}

std::string TargetBinary::WhyNotEntered() const {
  const std::string name = path.empty() ? "the program" : path;
  switch (obstacle) {
    case Obstacle::kStatic:
      return absl::StrCat(name, " is statically linked, so the agent could not be loaded into it");
    case Obstacle::kOtherMachine:
      return absl::StrCat(name, " is built for another architecture than the agent");
    case Obstacle::kOtherLibc:
      return absl::StrCat(name, " does not use glibc, so the agent could not be loaded into it");
    case Obstacle::kPrivileged:
      return absl::StrCat(name,
                          " is setuid, setgid or has capabilities, so the system does not let the agent in");
    case Obstacle::kNotElf:
      return absl::StrCat(name, " is no ELF program, so the agent could not be loaded into it");
    case Obstacle::kNone:
      break;
  }
  return absl::StrCat("the agent did not come up in ", name,
                      ": it ended too early, or something removed LD_PRELOAD or STRAY_SESSION on the way");
}

}  // namespace stray::analyzer
