// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/dump_bytes.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {

absl::StatusOr<std::string> DumpBytes(const Model& model) {
  std::error_code error;
  std::string folder = absl::StrCat(std::filesystem::temp_directory_path(error).string(), "/stray-XXXXXX");
  if (error || mkdtemp(folder.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, "no directory for temporary files");
  }
  const absl::Cleanup cleanup = [&] { std::filesystem::remove_all(folder, error); };
  const std::string path = absl::StrCat(folder, "/dump");
  const absl::Status written = WriteDump(model, path);
  if (!written.ok()) return written;
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return absl::UnavailableError("cannot read the dump back");
  return bytes;
}

}  // namespace stray::analyzer
