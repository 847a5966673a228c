// SPDX-License-Identifier: Apache-2.0
// text_fuzz.cc: any bytes as a text dump.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "analyzer/load/load.h"
#include "tests/fuzz/same_as_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto model = stray::analyzer::ReadText({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (model.ok()) stray::test::CheckSameAsText(*std::move(model));
  return 0;
}
