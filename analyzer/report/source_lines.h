// SPDX-License-Identifier: Apache-2.0
// source_lines.h: single lines of source files, to quote below a frame.
//
// A quote must be the line that ran. So a file that changed after the program was started is not quoted, and
// neither is anything that does not look like source: paths come from a dump, which may come from anywhere.
#ifndef STRAY_ANALYZER_REPORT_SOURCE_LINES_H_
#define STRAY_ANALYZER_REPORT_SOURCE_LINES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

// Files are read once and kept. Not thread-safe.
class SourceLines {
 public:
  // Line `line` (from 1) of `file` without indentation, tabs as spaces. nullopt if the file is not there, is
  // no source file, is newer than `started_realtime_ns` (0: not checked), or has no such line, or if
  // the line has no text. A relative path is taken from `directory`; if that is empty it is not found.
  std::optional<std::string> Find(const std::string& file, uint32_t line, absl::string_view directory,
                                  uint64_t started_realtime_ns);

 private:
  struct File {
    std::string text;
    uint64_t modified_ns = 0;
  };

  // What `path` holds; empty text if it cannot be used. Never blocks, reads regular files only.
  const File& Load(const std::string& path);

  absl::flat_hash_map<std::string, File> files_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_SOURCE_LINES_H_
