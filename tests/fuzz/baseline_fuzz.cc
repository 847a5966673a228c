// SPDX-License-Identifier: Apache-2.0
// baseline_fuzz.cc: any bytes as a baseline. What is read is written and read again, without loss.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "analyzer/report/baseline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using stray::analyzer::Baseline;
  const absl::StatusOr<Baseline> baseline =
      Baseline::Parse({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!baseline.ok()) {
    if (baseline.status().message().empty()) std::abort();
    return 0;
  }
  const std::string text = baseline->Text();
  const absl::StatusOr<Baseline> again = Baseline::Parse(text, "again");
  if (!again.ok() || again->Text() != text) {
    std::fprintf(stderr, "%s\n%s\n", text.c_str(), again.ok() ? "differs" : again.status().ToString().c_str());
    std::abort();
  }
  return 0;
}
