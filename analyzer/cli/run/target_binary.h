// SPDX-License-Identifier: Apache-2.0
// target_binary.h: whether the agent can get into a program, by what its file says.
#ifndef STRAY_ANALYZER_CLI_RUN_TARGET_BINARY_H_
#define STRAY_ANALYZER_CLI_RUN_TARGET_BINARY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

enum class Obstacle {
  kNone,
  kStatic,        // no dynamic linker, so nothing that would load the agent
  kOtherMachine,  // another architecture or word size than the agent's
  kOtherLibc,     // a dynamic linker other than glibc's
  kPrivileged,    // setuid, setgid or with capabilities: the dynamic linker ignores LD_PRELOAD
  kNotElf,        // neither ELF nor a script
};

// Judges the bytes at the start of an ELF file.
Obstacle ObstacleInElf(absl::string_view bytes);

struct TargetBinary {
  std::string path;  // of what will be executed: for a script, its interpreter; empty: not found
  Obstacle obstacle = Obstacle::kNone;

  // Preloading would do harm: the dynamic linker would complain on stderr, or refuse to start.
  bool MustNotPreload() const {
    return obstacle == Obstacle::kOtherMachine || obstacle == Obstacle::kOtherLibc;
  }

  // "app is statically linked, so the agent could not be loaded into it". Also for kNone, when the agent
  // did not come up although nothing in the file speaks against it.
  std::string WhyNotEntered() const;
};

// Finds `command` as execvp() would, follows scripts to their interpreter, and looks at the file.
TargetBinary InspectTarget(const std::string& command);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_TARGET_BINARY_H_
