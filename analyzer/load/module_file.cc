// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/module_file.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "analyzer/load/debug_files.h"
#include "analyzer/load/demangle.h"
#include "analyzer/load/dwarf_reader.h"
#include "analyzer/load/elf_image.h"
#include "analyzer/load/symbol_table.h"

namespace stray::analyzer {
namespace {

// The debug file of `image`: by build id, then by .gnu_debuglink. Checked to belong to it.
std::optional<ElfImage> FindDebugFile(const ElfImage& image, const std::string& path,
                                      const std::vector<std::string>& directories) {
  std::string build_id = image.BuildId();
  for (const std::string& candidate : DebugFilesByBuildId(build_id, directories)) {
    auto debug = ElfImage::Open(candidate);
    if (debug.has_value() && debug->BuildId() == build_id) return debug;
  }
  ElfImage::DebugLink link = image.FindDebugLink();
  for (const std::string& candidate : DebugFilesByLink(path, link.name, directories)) {
    auto debug = ElfImage::Open(candidate);
    if (!debug.has_value()) continue;
    bool same = build_id.empty() ? debug->Checksum() == link.checksum : debug->BuildId() == build_id;
    if (same) return debug;
  }
  return std::nullopt;
}

// "mu" from "mu.0": compilers number the static variables of C functions.
absl::string_view WithoutNumber(absl::string_view name) {
  size_t dot = name.rfind('.');
  if (dot == absl::string_view::npos || dot == 0 || dot + 1 == name.size()) return name;
  for (char c : name.substr(dot + 1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return name;
  }
  return name.substr(0, dot);
}

}  // namespace

class ModuleFile::Impl {
 public:
  Impl(ElfImage image, std::optional<ElfImage> debug) : image_(std::move(image)), debug_(std::move(debug)) {
    image_.AddSymbols(code_, variables_);
    if (debug_.has_value()) debug_->AddSymbols(code_, variables_);
    code_.Finish();
    variables_.Finish();
    const ElfImage& with_dwarf = debug_.has_value() ? *debug_ : image_;
    if (with_dwarf.HasDebugInformation()) dwarf_.emplace(with_dwarf.file());
  }

  std::vector<wire::Location> CodeAt(uint64_t address) {
    const Symbol* symbol = code_.Find(address);
    absl::string_view name = symbol == nullptr ? absl::string_view() : symbol->name;
    if (dwarf_.has_value()) {
      std::vector<wire::Location> locations = dwarf_->LocationsAt(address, name);
      if (!locations.empty()) return locations;
    }
    if (name.empty()) return {};
    wire::Location location;
    location.set_function(Demangle(name));
    return {location};
  }

  std::string VariableAt(uint64_t address) const {
    const Symbol* symbol = variables_.Find(address);
    if (symbol == nullptr) return "";
    std::string name = Demangle(WithoutNumber(symbol->name));
    uint64_t offset = address - symbol->start;
    return offset == 0 ? name : absl::StrCat(name, "+0x", absl::Hex(offset));
  }

 private:
  ElfImage image_;
  std::optional<ElfImage> debug_;
  SymbolTable code_;
  SymbolTable variables_;
  std::optional<DwarfReader> dwarf_;
};

std::unique_ptr<ModuleFile> ModuleFile::Open(const std::string& path, const std::string& build_id,
                                             const std::vector<std::string>& debug_directories) {
  std::optional<ElfImage> image = ElfImage::Open(path);
  if (!image.has_value()) return nullptr;
  if (!build_id.empty() && image->BuildId() != build_id) return nullptr;
  std::optional<ElfImage> debug;
  if (!image->HasDebugInformation()) debug = FindDebugFile(*image, path, debug_directories);
  return std::unique_ptr<ModuleFile>(
      new ModuleFile(std::make_unique<Impl>(std::move(*image), std::move(debug))));
}

ModuleFile::ModuleFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ModuleFile::~ModuleFile() = default;

std::vector<wire::Location> ModuleFile::CodeAt(uint64_t address) { return impl_->CodeAt(address); }

std::string ModuleFile::VariableAt(uint64_t address) { return impl_->VariableAt(address); }

}  // namespace stray::analyzer
