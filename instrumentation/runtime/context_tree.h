// SPDX-License-Identifier: Apache-2.0
// context_tree.h: what a stray::Context is inside.
//
//   kCancel     can be done: by its cancel function, its deadline, or its parent
//   kValue      one key and value; all else is its parent's
//   kDetached   values only (WithoutCancel)
//   kAfterFunc  calls a function when its parent is done
//
// Invariants
//   - A node keeps its parent alive. A parent knows its children without keeping them: a child that goes takes
//     itself out of the list, under the parent's lock. kAfterFunc is the other way round: the list keeps it,
//     and who can stop it keeps the parent.
//   - `source` is the nearest kCancel, itself included; it has the only `done` channel and `error` there are
//   for all
//     nodes below it that have no source of their own. Only kCancel nodes have children.
//   - Locks: a parent's before its children's, and one at a time where that is enough.
//   - Done by its parent, its deadline and its cancel function at once, it is done once: who sets `error`
//   first.
//
// Source: Go's context/context.go.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_TREE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_TREE_H_

#include <atomic>

#include "instrumentation/runtime/timers.h"
#include "stray/context.h"

namespace stray::detail {

enum class ContextKind : uint8_t { kRoot, kCancel, kValue, kDetached, kAfterFunc };

struct ContextNode {
  ContextKind kind = ContextKind::kRoot;
  std::atomic<uint32_t> references{1};
  ContextNode* parent = nullptr;
  ContextNode* source = nullptr;  // null: never done
  ContextValue* value = nullptr;
  // For reports: where it was made, by which task, and how many cancel functions there are that nobody has
  // called.
  const void* created_at = nullptr;
  uint64_t created_by = 0;
  std::atomic<int32_t> cancel_funcs{0};

  runtime::WordLock lock;  // guards the rest
  std::atomic<bool> is_done{false};
  Error error, cause;
  Chan<Unit> done;  // made when somebody asks for it
  ContextNode* first_child = nullptr;
  // In the list of `listed_at`; guarded by that one's lock.
  ContextNode* listed_at = nullptr;
  ContextNode* next = nullptr;
  ContextNode* previous = nullptr;
  LaterCall* call = nullptr;  // kAfterFunc; null once it is called or stopped

  int64_t deadline_ns = runtime::kNever;  // its own or inherited
  Error deadline_cause;
  runtime::Timer timer;
  bool has_timer = false;
  std::atomic<bool> timer_is_over{false};  // it was stopped, or has fired and will not touch this any more
};

}  // namespace stray::detail

#endif  // STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_TREE_H_
