// SPDX-License-Identifier: Apache-2.0
// task_log_fuzz.cc: any bytes as a text that lists goroutines or threads.
#include <cstddef>
#include <cstdint>

#include "analyzer/load/task_log.h"
#include "tests/fuzz/same_as_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  stray::test::CheckSameAsText(
      stray::analyzer::ReadTaskLog({reinterpret_cast<const char*>(data), size}, "fuzz.txt"));
  return 0;
}
