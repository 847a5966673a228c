// SPDX-License-Identifier: Apache-2.0
// goroutines_on_one_processor.cc: the number of processors is set before stray::Main, so that another thread
// may get the main goroutine; what that has written is there when Main returns.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>

#include <string>

static std::string written;

int main() {
  stray::SetMaxProcs(1);
  const int status = stray::Main([] {
    for (int i = 0; i < 3; ++i) stray::Yield();
    written = "a string that is too long to be stored in place";
    return stray::NumGoroutines() == 1 ? 0 : 1;
  });
  return written.empty() ? 2 : status;
}
