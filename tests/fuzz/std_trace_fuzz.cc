// SPDX-License-Identifier: Apache-2.0
// std_trace_fuzz.cc: any bytes as a trace in STD. What is read is written the same; what the engines find has
// witnesses that hold, or the model says that it has not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "analyzer/load/std_trace.h"
#include "analyzer/trace/std_format.h"
#include "tests/fuzz/same_as_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stray::analyzer;  // NOLINT: the whole file is about it
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const absl::StatusOr<Trace> trace = ReadStd(bytes, "fuzz.std"); trace.ok()) {
    const std::string text = StdText(*trace);
    const absl::StatusOr<Trace> again = ReadStd(text, "again.std");
    if (!again.ok() || StdText(*again) != text) std::abort();
  }
  if (absl::StatusOr<Model> model = ReadStdTrace(bytes, "fuzz.std"); model.ok()) {
    for (const std::string& damage : model->damage) {
      if (damage.find("fault of stray") != std::string::npos) std::abort();
    }
    stray::test::CheckSameAsText(*std::move(model));
  }
  return 0;
}
