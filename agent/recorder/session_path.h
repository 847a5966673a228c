// SPDX-License-Identifier: Apache-2.0
// session_path.h: names of files in the session: DIRECTORY/PID.N.SUFFIX, N being the first that is free.
#ifndef STRAY_AGENT_RECORDER_SESSION_PATH_H_
#define STRAY_AGENT_RECORDER_SESSION_PATH_H_

#include <errno.h>
#include <string.h>

#include <cstddef>
#include <cstdint>

#include "agent/base/raw.h"

namespace stray::agent {

class SessionPath {
 public:
  SessionPath(const char* directory, const char* suffix) : suffix_(suffix) {
    if (strlen(directory) + 64 > sizeof(text_)) return;
    char pid[21];
    FormatUnsigned(static_cast<uint64_t>(RawPid()), pid);
    Append(directory);
    Append("/");
    Append(pid);
    stem_ = length_;
  }

  // Calls `create(path)`, which returns a negative errno on failure, with one name after the other until it
  // says something else than that the file is there. Returns that.
  template <typename Create>
  long TryEach(Create create) {
    if (stem_ == 0) return -ENAMETOOLONG;
    for (uint64_t n = 0; n < kTries; ++n) {
      char number[21];
      FormatUnsigned(n, number);
      length_ = stem_;
      Append(".");
      Append(number);
      Append(suffix_);
      const long result = create(static_cast<const char*>(text_));
      if (result != -EEXIST) return result;
    }
    return -EEXIST;
  }

  const char* text() const { return text_; }

 private:
  static constexpr uint64_t kTries = 100000;

  void Append(const char* part) {
    const size_t bytes = strlen(part);
    memcpy(text_ + length_, part, bytes + 1);
    length_ += bytes;
  }

  const char* suffix_;
  size_t length_ = 0;
  size_t stem_ = 0;  // 0: the directory's name is too long
  char text_[4096] = {};
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SESSION_PATH_H_
