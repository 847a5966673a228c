// SPDX-License-Identifier: Apache-2.0
// elf_image.h: one mapped ELF file: its build id, symbols, and where its debug information went.
//
// Private to the symbolizer: LLVM's headers are included by nobody else. What is damaged in a file is
// skipped, as if it were not there.
#ifndef STRAY_ANALYZER_LOAD_ELF_IMAGE_H_
#define STRAY_ANALYZER_LOAD_ELF_IMAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "analyzer/load/symbol_table.h"
#include "llvm/Object/ELFObjectFile.h"

namespace stray::analyzer {

class ElfImage {
 public:
  // Maps the 64-bit little-endian ELF file at `path`. nullopt if it is no such file or cannot be read. Only
  // regular files are opened: a path may come out of a dump of somebody else's.
  static std::optional<ElfImage> Open(const std::string& path);

  const llvm::object::ELF64LEObjectFile& file() const {
    return *llvm::cast<llvm::object::ELF64LEObjectFile>(binary_.getBinary());
  }

  // Lower-case hex, "" if the file has none.
  std::string BuildId() const;

  bool HasDebugInformation() const;

  // Name and checksum of the debug file in .gnu_debuglink. An empty name: there is none.
  struct DebugLink {
    std::string name;
    uint32_t checksum = 0;
  };
  DebugLink FindDebugLink() const;

  // Adds the functions and variables that are defined in the file: of .symtab, or of .dynsym where there is
  // no other. Their names point into the mapped file.
  void AddSymbols(SymbolTable& code, SymbolTable& variables) const;

  // The checksum a .gnu_debuglink has of this file. Reads all of it.
  uint32_t Checksum() const;

 private:
  using Binary = llvm::object::OwningBinary<llvm::object::ObjectFile>;
  explicit ElfImage(Binary binary) : binary_(std::move(binary)) {}

  std::optional<llvm::StringRef> Section(llvm::StringRef name) const;

  Binary binary_;
};

// The value, or nothing.
template <typename T>
std::optional<T> ValueOf(llvm::Expected<T> expected) {
  if (expected) return std::move(*expected);
  llvm::consumeError(expected.takeError());
  return std::nullopt;
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_ELF_IMAGE_H_
