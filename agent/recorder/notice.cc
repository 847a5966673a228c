// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/notice.h"

#include <fcntl.h>

#include "agent/recorder/session_path.h"
#include "agent/wire/black_box.h"

namespace stray::agent {

bool LeaveNotice(const char* directory, const char* why) {
  char text[3072];
  size_t length = FormatUnsigned(PreciseNow(), text);
  text[length++] = '\n';
  memcpy(text + length, why, strlen(why));
  length += strlen(why);
  text[length++] = '\n';
  const long program =
      RawCall(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>("/proc/self/exe"),
              reinterpret_cast<long>(text + length), static_cast<long>(sizeof(text) - length - 1));
  if (program > 0) length += static_cast<size_t>(program);
  text[length] = '\0';
  SessionPath path(directory, wire::kNoticeSuffix);
  return path.TryEach([&](const char* name) {
    return RawCall(SYS_symlinkat, reinterpret_cast<long>(text), AT_FDCWD, reinterpret_cast<long>(name));
  }) == 0;
}

}  // namespace stray::agent
