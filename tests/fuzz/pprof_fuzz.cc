// SPDX-License-Identifier: Apache-2.0
// pprof_fuzz.cc: any bytes as a profile of pprof, compressed or not.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "analyzer/load/pprof_profile.h"
#include "tests/fuzz/same_as_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Counts beyond that are the memory of the machine, and not the reader.
  if (size > 4096) return 0;
  auto model = stray::analyzer::ReadPprof({reinterpret_cast<const char*>(data), size}, "fuzz.pb.gz");
  if (model.ok() && model->processes.front()->tasks.size() < 1000) {
    stray::test::CheckSameAsText(*std::move(model));
  }
  return 0;
}
