// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/child_environment.h"

#include <string.h>

#include "agent/agent.h"

namespace stray::agent {
namespace {

constexpr char kPreload[] = "LD_PRELOAD=";
constexpr char kSession[] = "STRAY_SESSION=";
constexpr char kOptions[] = "STRAY_OPTIONS=";
// AddressSanitizer's shared library ends a program in which another library, as the agent, comes first.
constexpr char kAsan[] = "ASAN_OPTIONS=";
constexpr char kAsanOrder[] = "verify_asan_link_order";
constexpr size_t kNewVariables = 5;  // at most, with the null at the end

// Copies: the program may write over its first environment, as those that set their title do. Empty: not known.
char preload[4096];  // with the agent, and what it wants beside it: what else was preloaded here is for the
                     // program to pass on
char session[4096];
char child_options[2048];

bool Matches(const char* variable, const char* name) { return strncmp(variable, name, strlen(name)) == 0; }

void Keep(char* const* environment, const char* name, char* out, size_t size) {
  for (char* const* at = environment; at != nullptr && *at != nullptr; ++at) {
    if (Matches(*at, name) && strlen(*at) < size) strcpy(out, *at);
  }
}

// True if `variable`, an LD_PRELOAD, names the agent.
bool HasAgent(const char* variable) {
  const char* agent = preload + strlen(kPreload);
  const size_t length = strcspn(agent, ":");
  for (const char* at = variable + strlen(kPreload); *at != '\0';) {
    const size_t word = strcspn(at, " :");
    if (word == length && strncmp(at, agent, length) == 0) return true;
    at += word;
    if (*at != '\0') ++at;
  }
  return false;
}

// What an environment has of what a child needs.
struct Found {
  size_t count = 0;  // variables in all
  const char* preload = nullptr;
  const char* asan = nullptr;
  bool has_session = false;
  bool has_options = false;
  bool is_anothers = false;

  bool HasAsanOrder() const { return asan != nullptr && strstr(asan, kAsanOrder) != nullptr; }
  bool IsComplete() const {
    return has_session && has_options && HasAsanOrder() && preload != nullptr && HasAgent(preload);
  }
};

Found Search(char* const* environment) {
  Found found;
  for (char* const* at = environment; at != nullptr && *at != nullptr; ++at, ++found.count) {
    if (Matches(*at, kPreload)) found.preload = *at;
    if (Matches(*at, kOptions)) found.has_options = true;
    if (Matches(*at, kAsan)) found.asan = *at;
    if (!Matches(*at, kSession)) continue;
    found.has_session = true;
    found.is_anothers = strcmp(*at, session) != 0;
  }
  return found;
}

// The agent, and then what `old` had; the memory has room for both.
char* MergePreload(const char* old, char* out) {
  strcpy(out, preload);
  if (old != nullptr && old[strlen(kPreload)] != '\0') {
    strcat(out, ":");
    strcat(out, old + strlen(kPreload));
  }
  return out;
}

// ASAN_OPTIONS that let the agent come first; `old` may be null.
const char* MergeAsan(const char* old, char* out) {
  if (old != nullptr && strstr(old, kAsanOrder) != nullptr) return old;
  strcpy(out, old == nullptr ? kAsan : old);
  if (out[strlen(out) - 1] != '=') strcat(out, ":");
  strcat(out, kAsanOrder);
  return strcat(out, "=0");
}

}  // namespace

void ChildEnvironment::Remember(char* const* environment, const char* agent, const char* beside) {
  if (agent[0] != '/' || strlen(kPreload) + strlen(agent) + 1 + strlen(beside) >= sizeof(preload)) return;
  Keep(environment, kSession, session, sizeof(session));
  Keep(environment, kOptions, child_options, sizeof(child_options));
  strcpy(preload, kPreload);
  strcat(preload, agent);
  if (beside[0] == '\0') return;
  strcat(preload, ":");
  strcat(preload, beside);
}

size_t ChildEnvironment::BytesToComplete(char* const* environment) {
  if (preload[0] == '\0' || session[0] == '\0' || Agent::State() == AgentState::kOff) return 0;
  if (Agent::GetOptions().follow == 0) return 0;
  const Found found = Search(environment);
  if (found.IsComplete() || found.is_anothers) return 0;
  const size_t old_preload = found.preload == nullptr ? 0 : strlen(found.preload);
  const size_t old_asan = found.asan == nullptr ? sizeof(kAsan) : strlen(found.asan);
  return (found.count + kNewVariables) * sizeof(char*) + strlen(preload) + old_preload + 2 + old_asan +
         sizeof(kAsanOrder) + 3;
}

char* const* ChildEnvironment::Complete(char* const* environment, void* memory) {
  const Found found = Search(environment);
  auto* copy = static_cast<char**>(memory);
  char* text = reinterpret_cast<char*>(copy + found.count + kNewVariables);
  size_t count = 0;
  for (size_t i = 0; i < found.count; ++i) {
    if (environment[i] != found.preload && environment[i] != found.asan) copy[count++] = environment[i];
  }
  const bool has_agent = found.preload != nullptr && HasAgent(found.preload);
  copy[count++] = has_agent ? const_cast<char*>(found.preload) : MergePreload(found.preload, text);
  if (!has_agent) text += strlen(text) + 1;
  copy[count++] = const_cast<char*>(MergeAsan(found.asan, text));
  if (!found.has_session) copy[count++] = session;
  if (!found.has_options && child_options[0] != '\0') copy[count++] = child_options;
  copy[count] = nullptr;
  return copy;
}

}  // namespace stray::agent
