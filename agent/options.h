// SPDX-License-Identifier: Apache-2.0
// options.h: the agent's settings, from the environment.
#ifndef STRAY_AGENT_OPTIONS_H_
#define STRAY_AGENT_OPTIONS_H_

#include <cstdint>

namespace stray::agent {

struct Options {
#define STRAY_AGENT_OPTION(field, key, default_value, help) uint64_t field = default_value;
#include "agent/options.inc"
#undef STRAY_AGENT_OPTION
  char session[3072] = {};  // directory for black boxes; empty: the agent stays off
};

// Fills `options` from STRAY_SESSION and STRAY_OPTIONS. Durations may end in ms or s.
void ReadOptions(char** environment, Options* options);

}  // namespace stray::agent

#endif  // STRAY_AGENT_OPTIONS_H_
