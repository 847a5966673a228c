// SPDX-License-Identifier: Apache-2.0
// stack_memo.h: texts about stacks, made once each: a hundred thousand tasks have a few dozen stacks between
// them.
#ifndef STRAY_ANALYZER_REPORT_STACK_MEMO_H_
#define STRAY_ANALYZER_REPORT_STACK_MEMO_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace stray::analyzer {

// Of one process, and of one kind of text.
class StackMemo {
 public:
  // What `make` says of the stack with that id; it is asked the first time only.
  template <typename Make>
  const std::string& Of(uint32_t stack, const Make& make) {
    const auto it = known_.find(stack);
    return it != known_.end() ? it->second : known_.emplace(stack, make()).first->second;
  }

 private:
  absl::flat_hash_map<uint32_t, std::string> known_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_STACK_MEMO_H_
