// SPDX-License-Identifier: Apache-2.0
// black_box_fuzz.cc: any bytes as a black box, of a dead process and of a living one.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/load/load.h"
#include "tests/fuzz/same_as_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const bool alive : {false, true}) {
    std::vector<std::string> damage;
    auto process =
        stray::analyzer::ReadBlackBox({reinterpret_cast<const char*>(data), size}, "fuzz", alive, damage);
    if (!process.ok()) continue;
    stray::analyzer::Model model;
    model.processes.push_back(*std::move(process));
    stray::test::CheckSameAsText(std::move(model));
  }
  return 0;
}
