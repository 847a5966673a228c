// SPDX-License-Identifier: Apache-2.0
#include "agent/options.h"

#include <string.h>

#include "agent/base/raw.h"

namespace stray::agent {
namespace {

const char* FindVariable(char** environment, const char* name) {
  const size_t length = strlen(name);
  for (char** at = environment; at != nullptr && *at != nullptr; ++at) {
    if (strncmp(*at, name, length) == 0 && (*at)[length] == '=') return *at + length + 1;
  }
  return nullptr;
}

// A number, read as milliseconds if a unit follows.
uint64_t ParseValue(const char* text) {
  const uint64_t value = ParseUnsigned(&text);
  return text[0] == 's' ? value * 1000 : value;
}

void ApplyOne(const char* key, size_t key_length, const char* value, Options* options) {
#define STRAY_AGENT_OPTION(field, name, default_value, help) \
  if (key_length == strlen(name) && strncmp(key, name, key_length) == 0) options->field = ParseValue(value);
#include "agent/options.inc"
#undef STRAY_AGENT_OPTION
}

}  // namespace

void ReadOptions(char** environment, Options* options) {
  const char* session = FindVariable(environment, "STRAY_SESSION");
  if (session != nullptr && strlen(session) < sizeof(options->session)) strcpy(options->session, session);
  const char* at = FindVariable(environment, "STRAY_OPTIONS");
  while (at != nullptr && *at != '\0') {
    const size_t length = strcspn(at, " :");
    const char* equals = static_cast<const char*>(memchr(at, '=', length));
    if (equals != nullptr) ApplyOne(at, static_cast<size_t>(equals - at), equals + 1, options);
    at += length;
    if (*at != '\0') ++at;
  }
}

}  // namespace stray::agent
