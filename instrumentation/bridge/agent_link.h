// SPDX-License-Identifier: Apache-2.0
// agent_link.h: the agent, if one is in the process. Without one every call here is a test of a null pointer.
#ifndef STRAY_INSTRUMENTATION_BRIDGE_AGENT_LINK_H_
#define STRAY_INSTRUMENTATION_BRIDGE_AGENT_LINK_H_

#include <dlfcn.h>

#include "agent/wire/runtime_abi.h"

namespace stray::bridge {

class AgentLink {
 public:
  // Once, when the runtime starts. `runtime` stays for ever.
  static void Attach(const runtime_abi::RuntimeDescriptor* runtime) {
    // Not a weak symbol: in an executable the linker may settle those for good.
    auto* attach = reinterpret_cast<decltype(&stray_agent_attach)>(dlsym(RTLD_DEFAULT, "stray_agent_attach"));
    if (attach != nullptr) services_ = attach(runtime);
  }
  static const runtime_abi::AgentServices* Services() { return services_; }

 private:
  static inline const runtime_abi::AgentServices* services_ = nullptr;
};

}  // namespace stray::bridge

#endif  // STRAY_INSTRUMENTATION_BRIDGE_AGENT_LINK_H_
