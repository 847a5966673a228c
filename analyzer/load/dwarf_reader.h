// SPDX-License-Identifier: Apache-2.0
// dwarf_reader.h: functions, files and lines out of DWARF.
//
// Private to the symbolizer: no LLVM in this header, but it is about LLVM's view of a file.
#ifndef STRAY_ANALYZER_LOAD_DWARF_READER_H_
#define STRAY_ANALYZER_LOAD_DWARF_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "agent/wire/dump.pb.h"

namespace llvm {
class DWARFContext;
class DWARFDie;
namespace object {
class ObjectFile;
}  // namespace object
}  // namespace llvm

namespace stray::analyzer {

class DwarfReader {
 public:
  // `file` must outlive the reader.
  explicit DwarfReader(const llvm::object::ObjectFile& file);
  ~DwarfReader();
  DwarfReader(const DwarfReader&) = delete;
  DwarfReader& operator=(const DwarfReader&) = delete;

  // What the instruction at `address` belongs to, inlined functions first. `symbol` is the name the symbol
  // table has for it, or empty: it names what DWARF leaves without a full name (functions local to a file,
  // assembly). Code without a line of its own has the one of what is next to it. Empty if DWARF knows neither
  // function nor line.
  std::vector<wire::Location> LocationsAt(uint64_t address, absl::string_view symbol);

 private:
  const std::string& Demangled(absl::string_view mangled);
  std::string InlinedName(const llvm::DWARFDie& function);
  std::string OutermostName(const llvm::DWARFDie& function, absl::string_view symbol);

  std::unique_ptr<llvm::DWARFContext> context_;
  absl::flat_hash_map<std::string, std::string> demangled_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_DWARF_READER_H_
