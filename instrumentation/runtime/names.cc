// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/names.h"

#include <string>
#include <unordered_set>

#include "instrumentation/runtime/word_lock.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

// A program may make up a name for each of a million goroutines; from here on they share one.
constexpr size_t kMostNames = 100'000;

WordLock lock;

}  // namespace

const char* KeepName(std::string_view name) {
  const std::string wanted(name);
  const tsan::IgnoreScope shared;  // TSan does not see the lock
  WordGuard guard(lock);
  // Never destroyed: goroutines may run after static destructors have.
  static auto* names = new std::unordered_set<std::string>;
  if (const auto found = names->find(wanted); found != names->end()) return found->c_str();
  if (names->size() >= kMostNames) return "(too many names)";
  return names->insert(wanted).first->c_str();
}

}  // namespace stray::runtime
