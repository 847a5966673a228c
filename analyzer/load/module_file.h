// SPDX-License-Identifier: Apache-2.0
// module_file.h: one ELF file with its debug information, asked by address.
//
// Addresses are those of the file (runtime address minus load bias). The file is opened once and mapped;
// debug information is read on the first question, and only the compilation units that are asked for.
// LLVM does the reading; its headers stay in module_file.cc.
#ifndef STRAY_ANALYZER_LOAD_MODULE_FILE_H_
#define STRAY_ANALYZER_LOAD_MODULE_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/wire/dump.pb.h"

namespace stray::analyzer {

class ModuleFile {
 public:
  // Opens the 64-bit little-endian ELF file at `path` and looks for a separate debug file where it has no
  // debug information itself. Null if there is no such regular file, it cannot be read, or `build_id` is
  // not empty and not the file's.
  static std::unique_ptr<ModuleFile> Open(const std::string& path, const std::string& build_id,
                                          const std::vector<std::string>& debug_directories);
  ~ModuleFile();
  ModuleFile(const ModuleFile&) = delete;
  ModuleFile& operator=(const ModuleFile&) = delete;

  // What the instruction at `address` belongs to, inlined functions first. Empty if nothing is known.
  std::vector<wire::Location> CodeAt(uint64_t address);

  // The variable that contains `address`, as "g_state" or "g_state+0x28"; "" if none does.
  std::string VariableAt(uint64_t address);

 private:
  class Impl;
  explicit ModuleFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_MODULE_FILE_H_
