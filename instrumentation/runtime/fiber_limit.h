// SPDX-License-Identifier: Apache-2.0
// fiber_limit.h: says aloud that ThreadSanitizer will soon not be able to follow more goroutines, before it
// ends the program in words of its own.
//
// Measured with goroutines that wait (docs/RACES.md): runtimes before LLVM 14, which are gcc's up to 12, know
// 8,128 threads and fibers at once, each with some 0.9 MB; later ones take some 25 KB for each, and end the
// program when the kernel refuses them a mapping, of which each fiber needs nearly two.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_FIBER_LIMIT_H_
#define STRAY_INSTRUMENTATION_RUNTIME_FIBER_LIMIT_H_

#include <cstddef>
#include <cstdint>

namespace stray::runtime {

class FiberLimit {
 public:
  // A goroutine has got a fiber, or its fiber is gone. Only live ones count: the sanitizer uses contexts again.
  static void NoteMade();
  static void NoteGone();

  // Of how many live fibers on it is close to the limit, and what is said then, with a newline, into `text`.
  struct Warning {
    uint32_t from;
    char text[512];
  };
  static void Fill(bool is_old_tsan, uint64_t most_mappings, Warning* warning);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_FIBER_LIMIT_H_
