// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/dwarf_reader.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/demangle.h"
#include "analyzer/load/symbol_table.h"
#include "llvm/DebugInfo/DWARF/DWARFCompileUnit.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/Support/Path.h"

namespace stray::analyzer {
namespace {

using llvm::DWARFDie;
using FileKind = llvm::DILineInfoSpecifier::FileLineInfoKind;
namespace dwarf = llvm::dwarf;

constexpr FileKind kFileKind = FileKind::AbsoluteFilePath;

void Ignore(llvm::Error error) { llvm::consumeError(std::move(error)); }

// The path as people write it: no "a/../b".
void SetFile(wire::Location& location, llvm::StringRef file) {
  if (file.empty() || file == llvm::DILineInfo::BadString) return;
  llvm::SmallString<256> path(file);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  location.set_file(path.data(), path.size());
}

// Where the declaration of a function stands, with its scopes around it.
DWARFDie Declaration(DWARFDie die) {
  // Concrete to abstract instance, then to the declaration in its class; damaged files may hold circles.
  for (int steps = 0; steps < 4; ++steps) {
    DWARFDie next = die.getAttributeValueAsReferencedDie(dwarf::DW_AT_abstract_origin);
    if (!next) next = die.getAttributeValueAsReferencedDie(dwarf::DW_AT_specification);
    if (!next) break;
    die = next;
  }
  return die;
}

// The name of one scope, "" for what does not show in names.
std::string ScopeName(const DWARFDie& scope) {
  const char* name = scope.getShortName();
  switch (scope.getTag()) {
    case dwarf::DW_TAG_namespace:
      return name == nullptr ? "(anonymous namespace)" : name;
    case dwarf::DW_TAG_class_type:
    case dwarf::DW_TAG_structure_type:
    case dwarf::DW_TAG_union_type:
      if (name == nullptr || absl::StartsWith(name, "<lambda")) return "{lambda}";
      return name;
    case dwarf::DW_TAG_subprogram:
      return name == nullptr ? "" : name;
    default:
      return "";
  }
}

// "shop::(anonymous namespace)::Cart::Flush", for functions without a linkage name.
std::string QualifiedName(const DWARFDie& function, const char* name) {
  constexpr int kDeepest = 64;
  std::string result = name;
  DWARFDie scope = Declaration(function).getParent();
  for (int depth = 0; scope && depth < kDeepest; ++depth, scope = Declaration(scope).getParent()) {
    std::string outer = ScopeName(scope);
    if (!outer.empty()) result = absl::StrCat(outer, "::", result);
  }
  return result;
}

constexpr uint64_t kAnySection = llvm::object::SectionedAddress::UndefSection;

// Where to ask for the line of the code at `address` of `function`. What an optimizer moved has line 0, and
// belongs to none of the functions inlined there: a load that was hoisted out of a loop, mostly. What follows
// it stands for it, else what comes before it. `address` itself if no code of the function has a line.
uint64_t NearestWithLine(const llvm::DWARFDebugLine::LineTable& lines, uint64_t address,
                         const DWARFDie& function) {
  const uint32_t found = lines.lookupAddress({address, kAnySection});
  if (found == lines.UnknownRowIndex || lines.Rows[found].Line != 0) return address;
  const auto is_inside = [&](const llvm::DWARFDebugLine::Row& row) {
    return !row.EndSequence && function.addressRangeContainsAddress(row.Address.Address);
  };
  for (size_t i = found + 1; i < lines.Rows.size() && is_inside(lines.Rows[i]); ++i) {
    if (lines.Rows[i].Line != 0) return lines.Rows[i].Address.Address;
  }
  for (size_t i = found; i > 0 && is_inside(lines.Rows[i - 1]); --i) {
    if (lines.Rows[i - 1].Line != 0) return lines.Rows[i - 1].Address.Address;
  }
  return address;
}

}  // namespace

DwarfReader::DwarfReader(const llvm::object::ObjectFile& file)
    : context_(llvm::DWARFContext::create(file, llvm::DWARFContext::ProcessDebugRelocations::Ignore,
                                          /*L=*/nullptr, /*DWPName=*/"", Ignore, Ignore)) {}

DwarfReader::~DwarfReader() = default;

const std::string& DwarfReader::Demangled(absl::string_view mangled) {
  auto [it, inserted] = demangled_.try_emplace(mangled);
  if (inserted) it->second = Demangle(mangled);
  return it->second;
}

std::string DwarfReader::InlinedName(const DWARFDie& function) {
  if (const char* name = function.getLinkageName()) return Demangled(name);
  const char* name = function.getShortName();
  return name == nullptr ? "" : QualifiedName(function, name);
}

std::string DwarfReader::OutermostName(const DWARFDie& function, absl::string_view symbol) {
  if (const char* name = function.getLinkageName()) return Demangled(name);
  const char* name = function.getShortName();
  if (name == nullptr || IsMangled(symbol)) return symbol.empty() ? "" : Demangled(symbol);
  // libc's ___pthread_mutex_lock is exported as pthread_mutex_lock.
  if (!symbol.empty() && LeadingUnderscores(symbol) < LeadingUnderscores(name)) return std::string(symbol);
  return QualifiedName(function, name);
}

std::vector<wire::Location> DwarfReader::LocationsAt(uint64_t address, absl::string_view symbol) {
  llvm::DWARFCompileUnit* unit = context_->getCompileUnitForAddress(address);
  if (unit == nullptr) return {};
  llvm::SmallVector<DWARFDie, 8> chain;
  unit->getInlinedChainForAddress(address, chain);
  const llvm::DWARFDebugLine::LineTable* lines = context_->getLineTableForUnit(unit);
  if (lines != nullptr && !chain.empty()) {
    const uint64_t with_line = NearestWithLine(*lines, address, chain.back());
    if (with_line != address) {
      chain.clear();
      unit->getInlinedChainForAddress(address = with_line, chain);
    }
  }

  // Of the innermost function the line table knows the line; of each outer one, the call in it.
  wire::Location place;
  llvm::DILineInfo line;
  if (lines != nullptr &&
      lines->getFileLineInfoForAddress({address, kAnySection}, unit->getCompilationDir(), kFileKind, line)) {
    SetFile(place, line.FileName);
    place.set_line(line.Line);
    place.set_column(line.Column);
  }
  std::vector<wire::Location> locations;
  for (size_t i = 0; i < chain.size(); ++i) {
    const DWARFDie& function = chain[i];
    place.set_function(i + 1 < chain.size() ? InlinedName(function) : OutermostName(function, symbol));
    place.set_start_file(function.getDeclFile(kFileKind));
    place.set_start_line(static_cast<uint32_t>(function.getDeclLine()));
    if (!place.function().empty()) locations.push_back(std::move(place));
    place.Clear();
    if (i + 1 == chain.size()) break;
    uint32_t file = 0, call_line = 0, column = 0, discriminator = 0;
    function.getCallerFrame(file, call_line, column, discriminator);
    std::string path;
    if (lines != nullptr && lines->getFileNameByIndex(file, unit->getCompilationDir(), kFileKind, path)) {
      SetFile(place, path);
    }
    place.set_line(call_line);
    place.set_column(column);
  }
  if (chain.empty() && (!symbol.empty() || !place.file().empty())) {
    if (!symbol.empty()) place.set_function(Demangled(symbol));
    locations.push_back(std::move(place));
  }
  return locations;
}

}  // namespace stray::analyzer
