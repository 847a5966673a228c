// SPDX-License-Identifier: Apache-2.0
// output_file.h: a file that is there whole or not at all.
#ifndef STRAY_ANALYZER_LOAD_OUTPUT_FILE_H_
#define STRAY_ANALYZER_LOAD_OUTPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

// Collects what is written in a temporary file beside `path`, mode 0600, and puts it in place with Commit().
// Without Commit(), or when it fails, `path` stays as it was and the temporary file is gone.
//
// A symbolic link at `path` is replaced, not followed. What is no regular file (a terminal, a pipe,
// /dev/full) is written directly: there is nothing to keep whole.
class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Failures are the system's: kResourceExhausted when the disk is full, kPermissionDenied, kNotFound, ...
  absl::Status Open();
  absl::Status Append(absl::string_view bytes);
  absl::Status Commit();

 private:
  absl::Status Failed(absl::string_view what) const;

  std::string path_;
  std::string temporary_;  // empty: written directly
  int fd_ = -1;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_OUTPUT_FILE_H_
