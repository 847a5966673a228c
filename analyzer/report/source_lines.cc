// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/source_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace stray::analyzer {
namespace {

constexpr off_t kMaxFileBytes = off_t{8} << 20;

bool LooksLikeSource(absl::string_view path) {
  constexpr absl::string_view kEndings[] = {
      ".c",   ".cc",  ".cpp", ".cxx", ".c++", ".C",   ".h", ".hh",  ".hpp", ".hxx",   ".h++", ".inc",
      ".inl", ".ipp", ".tcc", ".tpp", ".cu",  ".cuh", ".m", ".mm",  ".def", ".S",     ".s",   ".asm",
      ".y",   ".l",   ".rs",  ".go",  ".d",   ".zig", ".f", ".f90", ".pas", ".swift", ".pyx", ".ixx",
  };
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](absl::string_view ending) { return absl::EndsWith(path, ending); });
}

std::string ReadAll(int fd, off_t size) {
  std::string text(static_cast<size_t>(size), '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = read(fd, text.data() + filled, text.size() - filled);
    if (got <= 0) break;
    filled += static_cast<size_t>(got);
  }
  text.resize(filled);
  return text;
}

std::optional<absl::string_view> NthLine(absl::string_view text, uint32_t line) {
  for (uint32_t current = 1;; ++current) {
    const size_t end = text.find('\n');
    if (current == line) return text.substr(0, end);
    if (end == absl::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

const SourceLines::File& SourceLines::Load(const std::string& path) {
  auto [it, is_new] = files_.try_emplace(path);
  File& file = it->second;
  if (!is_new || !LooksLikeSource(path)) return file;
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return file;
  struct stat status = {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= kMaxFileBytes) {
    file.text = ReadAll(fd, status.st_size);
    file.modified_ns = static_cast<uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000u +
                       static_cast<uint64_t>(status.st_mtim.tv_nsec);
  }
  close(fd);
  return file;
}

std::optional<std::string> SourceLines::Find(const std::string& file, uint32_t line,
                                             absl::string_view directory, uint64_t started_realtime_ns) {
  if (file.empty() || line == 0) return std::nullopt;
  const bool absolute = file.front() == '/';
  if (!absolute && directory.empty()) return std::nullopt;
  const File& loaded = Load(absolute ? file : absl::StrCat(directory, "/", file));
  if (loaded.text.empty()) return std::nullopt;
  if (started_realtime_ns != 0 && loaded.modified_ns > started_realtime_ns) return std::nullopt;
  const std::optional<absl::string_view> found = NthLine(loaded.text, line);
  if (!found) return std::nullopt;
  const absl::string_view stripped = absl::StripAsciiWhitespace(*found);
  if (stripped.empty()) return std::nullopt;
  return absl::StrReplaceAll(stripped, {{"\t", " "}});
}

}  // namespace stray::analyzer
