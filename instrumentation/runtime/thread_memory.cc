// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/thread_memory.h"

#include <link.h>

#include <cstddef>

#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {
namespace {

int ShareOfModule(dl_phdr_info* module, size_t, void*) {
  if (module->dlpi_tls_data == nullptr) return 0;
  for (int i = 0; i < module->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = module->dlpi_phdr[i];
    if (segment.p_type == PT_TLS)
      AnnotateBenignRaceSized(__FILE__, __LINE__, module->dlpi_tls_data, segment.p_memsz, "thread-local");
  }
  return 0;
}

}  // namespace

void ShareThreadLocalMemory() {
  if (&AnnotateBenignRaceSized != nullptr) dl_iterate_phdr(&ShareOfModule, nullptr);
}

}  // namespace stray::runtime
