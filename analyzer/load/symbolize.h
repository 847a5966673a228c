// SPDX-License-Identifier: Apache-2.0
// symbolize.h: addresses become functions, files and lines.
//
// Fills ProcessModel::frames for every code address that a stack, site or task of the process mentions,
// and the names of objects that are global or static variables. Works on the machine where the modules
// are; a dump carries the result, so that it reads the same everywhere. Modules are checked by build id:
// a file that has changed since is not used.
//
// What it finds, in this order: DWARF in the module, separate debug files (build id and .gnu_debuglink
// under /usr/lib/debug), .symtab, .dynsym; else module+0xoffset. Inlined frames are expanded.
#ifndef STRAY_ANALYZER_LOAD_SYMBOLIZE_H_
#define STRAY_ANALYZER_LOAD_SYMBOLIZE_H_

#include <memory>
#include <string>
#include <vector>

#include "analyzer/model/model.h"

namespace stray::analyzer {

struct SymbolizeOptions {
  std::vector<std::string> debug_directories = {"/usr/lib/debug"};
};

// Keeps the files it has opened, for programs of many processes. Not thread-safe.
class Symbolizer {
 public:
  explicit Symbolizer(SymbolizeOptions options = {});
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  // Every address gets a Frame; it has locations if something is known about it. Frames that have a
  // location, and objects that have a name, are left alone, so a symbolized dump stays what it was. Calls
  // process.Index() when done. Files that cannot be used are no error.
  void Symbolize(ProcessModel& process);

 private:
  class ModuleFiles;
  std::unique_ptr<ModuleFiles> files_;
};

// The same for one process alone.
void Symbolize(ProcessModel& process, const SymbolizeOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_SYMBOLIZE_H_
