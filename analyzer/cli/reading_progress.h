// SPDX-License-Identifier: Apache-2.0
// reading_progress.h: one line on the terminal while a large file is read.
//
// Nothing is written where standard error is no terminal, and nothing in the first second: what is quick needs
// none.
#ifndef STRAY_ANALYZER_CLI_READING_PROGRESS_H_
#define STRAY_ANALYZER_CLI_READING_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace stray::analyzer {

class ReadingProgress {
 public:
  explicit ReadingProgress(const std::string& path);
  ~ReadingProgress();  // takes the line away
  ReadingProgress(const ReadingProgress&) = delete;
  ReadingProgress& operator=(const ReadingProgress&) = delete;

  // So many bytes are read, of so many.
  void Tell(uint64_t done, uint64_t all);

 private:
  const std::string path_;
  const bool on_terminal_;
  std::chrono::steady_clock::time_point next_;  // when to write again
  bool written_ = false;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_READING_PROGRESS_H_
