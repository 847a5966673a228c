// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/release_clock.h"

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/park.h"

namespace stray::runtime {

void NoteJoinedSlow(uint32_t number, bool is_list) {
  bridge::AgentLink::Services()->note_joined(&CurrentTask()->record, number, is_list);
}

}  // namespace stray::runtime
