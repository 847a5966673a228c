// SPDX-License-Identifier: Apache-2.0
// race_log_fuzz.cc: any bytes as the log of a race detector.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "analyzer/load/race_log.h"
#include "tests/fuzz/same_as_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  stray::test::CheckSameAsText(
      stray::analyzer::ReadRaceLog({reinterpret_cast<const char*>(data), size}, "fuzz.4711"));
  return 0;
}
