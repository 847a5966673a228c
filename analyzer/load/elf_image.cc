// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/elf_image.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"

namespace stray::analyzer {
namespace {

using llvm::object::ELF64LEFile;
using llvm::object::ELF64LEObjectFile;

// The build id in a note section or segment, "" if it holds another note.
template <typename Header>
std::string BuildIdIn(const ELF64LEFile& file, const Header& header) {
  std::string id;
  llvm::Error error = llvm::Error::success();
  for (const auto& note : file.notes(header, error)) {
    if (note.getType() != llvm::ELF::NT_GNU_BUILD_ID || note.getName() != "GNU") continue;
    llvm::ArrayRef<uint8_t> bytes = note.getDesc();
    id = absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  llvm::consumeError(std::move(error));
  return id;
}

// foo@@GLIBC_2.34 is foo to everybody.
absl::string_view WithoutVersion(llvm::StringRef name) {
  llvm::StringRef plain = name.take_until([](char c) { return c == '@'; });
  return absl::string_view(plain.data(), plain.size());
}

// Reads the records of ELF directly: LLVM's symbol iterators end the program when a table is damaged.
void AddSymbol(const ELF64LEFile::Elf_Sym& record, llvm::StringRef name, const ELF64LEFile::Elf_Shdr& section,
               SymbolTable& code, SymbolTable& variables) {
  uint8_t type = record.getType();
  bool is_function = type == llvm::ELF::STT_FUNC || type == llvm::ELF::STT_GNU_IFUNC;
  bool is_variable = type == llvm::ELF::STT_OBJECT || type == llvm::ELF::STT_COMMON;
  // Labels of hand-written assembly have no type.
  bool is_label = type == llvm::ELF::STT_NOTYPE && (section.sh_flags & llvm::ELF::SHF_EXECINSTR) != 0;
  if (!is_function && !is_variable && !is_label) return;
  Symbol symbol;
  symbol.start = record.st_value;
  symbol.size = record.st_size;
  symbol.limit = section.sh_addr + section.sh_size;
  symbol.name = WithoutVersion(name);
  symbol.global = record.getBinding() != llvm::ELF::STB_LOCAL;
  if (symbol.start == 0 || symbol.name.empty() || absl::StartsWith(symbol.name, "$")) return;
  (is_variable ? variables : code).Add(symbol);
}

// Adds the symbols of every section of `table_type`. False if there was none.
bool AddTable(const ELF64LEFile& elf, uint32_t table_type, SymbolTable& code, SymbolTable& variables) {
  auto sections = ValueOf(elf.sections());
  if (!sections.has_value()) return false;
  bool any = false;
  for (const auto& table : *sections) {
    if (table.sh_type != table_type) continue;
    auto records = ValueOf(elf.symbols(&table));
    auto names = ValueOf(elf.getStringTableForSymtab(table, *sections));
    if (!records.has_value() || !names.has_value()) continue;
    for (const auto& record : *records) {
      if (record.st_shndx == llvm::ELF::SHN_UNDEF || record.st_shndx >= sections->size()) continue;
      auto name = ValueOf(record.getName(*names));
      if (!name.has_value()) continue;
      AddSymbol(record, *name, (*sections)[record.st_shndx], code, variables);
      any = true;
    }
  }
  return any;
}

}  // namespace

std::optional<ElfImage> ElfImage::Open(const std::string& path) {
  if (!llvm::sys::fs::is_regular_file(path)) return std::nullopt;
  auto binary = ValueOf(llvm::object::ObjectFile::createObjectFile(path));
  if (!binary.has_value() || !llvm::isa<ELF64LEObjectFile>(binary->getBinary())) return std::nullopt;
  return ElfImage(std::move(*binary));
}

std::string ElfImage::BuildId() const {
  const ELF64LEFile& elf = file().getELFFile();
  // Sections first: the program headers of a debug file describe the file it was split from.
  if (auto sections = ValueOf(elf.sections())) {
    for (const auto& section : *sections) {
      if (section.sh_type != llvm::ELF::SHT_NOTE) continue;
      if (std::string id = BuildIdIn(elf, section); !id.empty()) return id;
    }
  }
  if (auto segments = ValueOf(elf.program_headers())) {
    for (const auto& segment : *segments) {
      if (segment.p_type != llvm::ELF::PT_NOTE) continue;
      if (std::string id = BuildIdIn(elf, segment); !id.empty()) return id;
    }
  }
  return "";
}

std::optional<llvm::StringRef> ElfImage::Section(llvm::StringRef name) const {
  for (const llvm::object::SectionRef& section : file().sections()) {
    auto section_name = ValueOf(section.getName());
    if (!section_name.has_value() || *section_name != name) continue;
    if (section.isVirtual()) return std::nullopt;
    return ValueOf(section.getContents());
  }
  return std::nullopt;
}

bool ElfImage::HasDebugInformation() const {
  return Section(".debug_info").has_value() || Section(".zdebug_info").has_value();
}

// | name, NUL, padded with NULs to 4 | crc:32 |
ElfImage::DebugLink ElfImage::FindDebugLink() const {
  std::optional<llvm::StringRef> link = Section(".gnu_debuglink");
  if (!link.has_value()) return {};
  size_t end = link->find('\0');
  if (end == llvm::StringRef::npos) return {};
  size_t checksum = (end + 4) / 4 * 4;
  if (checksum + 4 > link->size()) return {};
  return {link->substr(0, end).str(), llvm::support::endian::read32le(link->data() + checksum)};
}

void ElfImage::AddSymbols(SymbolTable& code, SymbolTable& variables) const {
  const ELF64LEFile& elf = file().getELFFile();
  if (!AddTable(elf, llvm::ELF::SHT_SYMTAB, code, variables)) {
    AddTable(elf, llvm::ELF::SHT_DYNSYM, code, variables);
  }
}

uint32_t ElfImage::Checksum() const { return llvm::crc32(llvm::arrayRefFromStringRef(file().getData())); }

}  // namespace stray::analyzer
