// SPDX-License-Identifier: Apache-2.0
// modules.h: which program file an address belongs to, found without any lock of the loader.
//
// glibc 2.35 has _dl_find_object(), which takes no lock; older ones are asked through dl_iterate_phdr(),
// which does, so there modules are read at start and after each dlopen only.
#ifndef STRAY_AGENT_RECORDER_MODULES_H_
#define STRAY_AGENT_RECORDER_MODULES_H_

#include <link.h>

#include <cstdint>

namespace stray::agent {

class Modules {
 public:
  static void Initialize();

  // Makes sure that the module of `address` has a ModuleRecord. Cheap when it has. Context: inside the agent.
  static void Note(uint64_t address);

  // Describes the module of `address` the way dl_iterate_phdr() does. False: no module there.
  static bool Describe(uint64_t address, dl_phdr_info* info);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_MODULES_H_
