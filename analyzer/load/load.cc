// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/load.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/wire/black_box.h"
#include "analyzer/load/dump_format.h"
#include "analyzer/load/pprof_profile.h"
#include "analyzer/load/race_log.h"
#include "analyzer/load/std_trace.h"
#include "analyzer/load/task_log.h"

namespace stray::analyzer {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{16} << 30;

absl::Status SystemError(const std::string& path, absl::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": ", what));
}

// A file in memory: mapped if it is a regular file (a black box is large and mostly holes), else read.
class FileBytes {
 public:
  FileBytes() = default;
  ~FileBytes() {
    if (mapped_ != nullptr) munmap(mapped_, bytes_.size());
  }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  absl::Status Open(const std::string& path);
  absl::string_view bytes() const { return bytes_; }

 private:
  absl::Status Map(int fd, size_t size, const std::string& path);
  absl::Status Read(int fd, const std::string& path);

  void* mapped_ = nullptr;
  std::string read_;
  absl::string_view bytes_;
};

absl::Status FileBytes::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, "cannot open");
  const auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  struct stat info;
  if (fstat(fd, &info) != 0) return SystemError(path, "cannot read");
  if (S_ISDIR(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": is a directory"));
  if (!S_ISREG(info.st_mode)) return Read(fd, path);
  return Map(fd, static_cast<size_t>(info.st_size), path);
}

absl::Status FileBytes::Map(int fd, size_t size, const std::string& path) {
  if (size == 0) return absl::OkStatus();
  if (size > kMaxFileBytes) return absl::ResourceExhaustedError(absl::StrCat(path, ": too large"));
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return SystemError(path, "cannot read");
  mapped_ = mapped;
  bytes_ = {static_cast<const char*>(mapped), size};
  return absl::OkStatus();
}

absl::Status FileBytes::Read(int fd, const std::string& path) {
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(path, "cannot read");
    if (got == 0) break;
    read_.append(buffer, static_cast<size_t>(got));
    if (read_.size() > kMaxFileBytes) return absl::ResourceExhaustedError(absl::StrCat(path, ": too large"));
  }
  bytes_ = read_;
  return absl::OkStatus();
}

// Field 22 of /proc/PID/stat: when the process started. 0 if there is no such process, or it is a zombie.
uint64_t StartOfProcess(int32_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // The name in parentheses may hold anything, also parentheses. Behind it: state, and start as 20th field.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 > text.size()) return 0;
  const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
  uint64_t start = 0;
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X" || !absl::SimpleAtoi(fields[19], &start))
    return 0;
  return start;
}

// Whether the process that writes the black box `bytes` still runs, as the same program.
bool IsWriterAlive(absl::string_view bytes) {
  box::BlackBoxHeader header;
  if (bytes.size() < sizeof(header)) return false;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.state == static_cast<uint32_t>(box::ProcessState::kExec)) return false;
  return header.process_start != 0 && StartOfProcess(header.pid) == header.process_start;
}

absl::StatusOr<Model> LoadBlackBox(absl::string_view bytes, const std::string& name, bool alive) {
  Model model;
  auto process = ReadBlackBox(bytes, name, alive, model.damage);
  if (!process.ok()) return process.status();
  model.processes.push_back(*std::move(process));
  return model;
}

bool BeginsWith(absl::string_view bytes, absl::string_view magic) {
  return bytes.substr(0, magic.size()) == magic;
}

// Text begins with comments and the name of a record kind. `is_entry`: a record begins there, and not a
// sentence with such a word.
bool LooksLikeText(absl::string_view bytes, bool& is_entry) {
  bool commented = false;
  for (;;) {
    bytes = absl::StripLeadingAsciiWhitespace(bytes);
    if (!absl::StartsWith(bytes, "#")) break;
    commented = true;
    const size_t end = bytes.find('\n');
    bytes = end == absl::string_view::npos ? absl::string_view() : bytes.substr(end);
  }
  if (bytes.empty()) return commented;
  const auto is_name = [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; };
  const std::string word(bytes.begin(), std::find_if_not(bytes.begin(), bytes.end(), is_name));
  const absl::string_view rest = absl::StripLeadingAsciiWhitespace(bytes.substr(word.size()));
  is_entry = absl::StartsWith(rest, "{") || (word == "unknown" && absl::StartsWith(rest, ":"));
  return wire::Record::descriptor()->FindFieldByName(word) != nullptr;
}

// One text may have both in it: reports of races, and what goroutines did when the program died.
Model ReadRacesAndTasks(absl::string_view bytes, const std::string& name, const LoadProgress& progress) {
  Model model = ReadRaceLog(bytes, name);
  if (LooksLikeTaskLog(bytes)) model.Append(ReadTaskLog(bytes, name, progress));
  return model;
}

absl::StatusOr<Model> LoadDetected(absl::string_view bytes, const std::string& name, bool alive,
                                   const LoadProgress& progress) {
  switch (DetectKind(bytes)) {
    case FileKind::kBlackBox:
      return LoadBlackBox(bytes, name, alive);
    case FileKind::kDump:
      return ReadDump(bytes, name);
    case FileKind::kText:
      return ReadText(bytes, name);
    case FileKind::kRaceLog:
      return ReadRacesAndTasks(bytes, name, progress);
    case FileKind::kTaskLog:
      return ReadTaskLog(bytes, name, progress);
    case FileKind::kProfile:
      return ReadPprof(bytes, name);
    case FileKind::kStdTrace:
      return ReadStdTrace(bytes, name);
    case FileKind::kUnknown:
      break;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      name,
      bytes.empty()
          ? ": the file is empty"
          : ": not a dump, a black box or a text dump of stray, not the log of a race detector, and "
            "nothing that lists tasks (goroutines, threads in a debugger, profiles of them), and no trace"));
}

}  // namespace

FileKind DetectKind(absl::string_view bytes) {
  if (BeginsWith(bytes, {box::kBlackBoxMagic, sizeof(box::kBlackBoxMagic)})) return FileKind::kBlackBox;
  if (BeginsWith(bytes, kDumpMagic)) return FileKind::kDump;
  bool is_entry = false;
  const bool is_text = LooksLikeText(bytes, is_entry);
  if (is_text && is_entry) return FileKind::kText;
  if (LooksLikePprof(bytes)) return FileKind::kProfile;
  if (LooksLikeStdTrace(bytes)) return FileKind::kStdTrace;
  if (LooksLikeRaceLog(bytes)) return FileKind::kRaceLog;
  if (LooksLikeTaskLog(bytes)) return FileKind::kTaskLog;
  return is_text ? FileKind::kText : FileKind::kUnknown;
}

absl::StatusOr<Model> LoadFile(const std::string& path, const LoadProgress& progress) {
  FileBytes file;
  if (absl::Status status = file.Open(path); !status.ok()) return status;
  return LoadDetected(file.bytes(), path, IsWriterAlive(file.bytes()), progress);
}

absl::StatusOr<Model> LoadBytes(absl::string_view bytes, const std::string& name) {
  return LoadDetected(bytes, name, /*alive=*/false, nullptr);
}

}  // namespace stray::analyzer
