// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/context_tree.h"

#include "instrumentation/runtime/channel.h"
#include "instrumentation/runtime/context.h"
#include "instrumentation/runtime/park.h"
#include "instrumentation/runtime/sanitizer_fiber.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/thread_state.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/tsan/channel_steps.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/go.h"

namespace stray {

namespace {

const Error* NewError(const char* text) {
  const tsan::IgnoreScope shared;  // TSan does not see that all come after who has made it
  return new Error(text);
}

}  // namespace

// Never destroyed: goroutines may outlive static objects.
const Error& ErrCanceled() {
  static const auto* error = NewError("context canceled");
  return *error;
}
const Error& ErrDeadlineExceeded() {
  static const auto* error = NewError("context deadline exceeded");
  return *error;
}

namespace detail {

using runtime::WordGuard;

namespace {

// False if it is being destroyed.
bool TryRetain(ContextNode* node) {
  uint32_t count = node->references.load(std::memory_order_relaxed);
  while (count != 0) {
    if (node->references.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

// Between two tasks, in a thread of the scheduler.
bool IsBetweenTasks() {
  const runtime::ThreadState* self = runtime::Self();
  return self->machine != nullptr && self->task == nullptr;
}

// With the lock of child->listed_at held.
void Unlist(ContextNode* child) {
  (child->previous == nullptr ? child->listed_at->first_child : child->previous->next) = child->next;
  if (child->next != nullptr) child->next->previous = child->previous;
  child->next = child->previous = nullptr;
  child->listed_at = nullptr;
}

// The nearest one above that can be done.
ContextNode* SourceAbove(const ContextNode* node) {
  return node->parent == nullptr || node->kind == ContextKind::kDetached ? nullptr : node->parent->source;
}

void LeaveParent(ContextNode* node) {
  ContextNode* above = SourceAbove(node);
  if (above == nullptr) return;
  WordGuard guard(above->lock);
  if (node->listed_at != nullptr) Unlist(node);
}

void StopOwnTimer(ContextNode* node) {
  if (node->has_timer && runtime::StopTimer(&node->timer))
    node->timer_is_over.store(true, std::memory_order_release);
}

// With the lock held. The children that are alive, as a chain by `next`, with a reference each.
ContextNode* TakeChildren(ContextNode* node) {
  ContextNode* chain = nullptr;
  while (ContextNode* child = node->first_child) {
    Unlist(child);
    if (child->kind != ContextKind::kAfterFunc && !TryRetain(child)) continue;
    child->next = chain;
    chain = child;
  }
  return chain;
}

void StartCall(LaterCall* call) {
  Go([call] {
    tsan::Acquire(call);  // released by who has set it
    call->Run();
    delete call;
  });
}

// With the lock held.
void MakeDone(ContextNode* node) {
  node->done = MakeChan<Unit>();
  node->done.get()->name = "context.Done";
  node->done.get()->created_at = node->created_at;
  if (node->deadline_ns == runtime::kNever) return;
  node->done.get()->fed_by_timer = true;
  tsan::TellStep(tsan::ChannelStep::kFed, node->done.get(), STRAY_STEP_CALLER());
}

// The first one counts.
void Finish(ContextNode* node, const Error& error, const Error& cause) {
  ContextNode* children;
  LaterCall* call;
  {
    WordGuard guard(node->lock);
    if (node->is_done.load(std::memory_order_relaxed)) return;
    node->error = error;
    node->cause = cause ? cause : error;
    tsan::Release(node);
    node->is_done.store(true, std::memory_order_release);
    // For TSan, who is done closes the channel, not who asks for it.
    if (tsan::HasTsan() && !node->done) [[unlikely]]
      MakeDone(node);
    // Before anybody can see the error: who does finds Done() closed.
    if (node->done) {
      const runtime::WholeStep whole;
      node->done.Close();
    }
    call = std::exchange(node->call, nullptr);
    children = TakeChildren(node);
  }
  StopOwnTimer(node);
  if (call != nullptr) StartCall(call);
  while (children != nullptr) {
    ContextNode* child = std::exchange(children, children->next);
    child->next = nullptr;
    Finish(child, error, cause);
    Release(child);
  }
}

// Makes it a child of `above`; false if that is done.
bool List(ContextNode* above, ContextNode* node) {
  WordGuard guard(above->lock);
  if (above->is_done.load(std::memory_order_relaxed)) return false;
  node->listed_at = above;
  node->next = above->first_child;
  if (node->next != nullptr) node->next->previous = node;
  above->first_child = node;
  return true;
}

// Makes it a child, or done if the parent is.
void JoinParent(ContextNode* node) {
  ContextNode* above = SourceAbove(node);
  if (above != nullptr && !List(above, node)) Finish(node, ErrOf(above), CauseOf(above));
}

ContextNode* NewNode(ContextKind kind, ContextNode* parent, const void* site) {
  auto* node = new ContextNode;
  node->kind = kind;
  node->parent = parent;
  node->created_at = site;
  node->created_by = CurrentTaskId();
  if (parent != nullptr) {
    Retain(parent);
    node->deadline_ns = parent->deadline_ns;
  }
  node->source = kind == ContextKind::kCancel ? node : SourceAbove(node);
  return node;
}

void OnDeadline(runtime::Timer* timer) {
  auto* node = static_cast<ContextNode*>(timer->argument);
  const bool is_alive = TryRetain(node);
  // Else whom it releases the context of would come before all that this thread fires later.
  const runtime::NobodyScope nobody;
  if (is_alive) {
    LeaveParent(node);
    Finish(node, ErrDeadlineExceeded(), node->deadline_cause);
  }
  node->timer_is_over.store(true, std::memory_order_release);
  if (is_alive) Release(node);
}

// Nobody refers to it, but a timer about to fire may look at it.
void Destroy(ContextNode* node) {
  LeaveParent(node);
  // Only functions that will not be called any more are left, and nobody can stop those.
  while (ContextNode* child = node->first_child) {
    Unlist(child);
    Release(child);
  }
  StopOwnTimer(node);
  while (node->has_timer && !node->timer_is_over.load(std::memory_order_acquire)) runtime::SpinPause();
  delete node->call;
  delete node->value;
  // Of the errors the program may have copies; TSan sees its count of them, not ours.
  const tsan::IgnoreScope errors;
  delete node;
}

// True if it was the last.
bool DropReference(ContextNode* node) {
  tsan::Release(&node->references);
  return node->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

// A loop, since a chain of contexts may be long.
void DestroyChain(ContextNode* node) {
  while (node != nullptr) {
    tsan::Acquire(&node->references);  // whoever had a handle is done with the context, and its value
    ContextNode* parent = node->parent;
    Destroy(node);
    node = parent != nullptr && DropReference(parent) ? parent : nullptr;
  }
}

// `is_over`: its time has come before it began.
ContextNode* NewTimed(ContextNode* parent, int64_t deadline_ns, int64_t timer_ns, bool is_over, Error cause,
                      const void* site) {
  ContextNode* node = NewNode(ContextKind::kCancel, parent, site);
  if (deadline_ns >= node->deadline_ns) {  // the parent's is earlier
    JoinParent(node);
    return node;
  }
  node->deadline_ns = deadline_ns;
  node->deadline_cause = std::move(cause);
  JoinParent(node);
  if (is_over) {
    LeaveParent(node);
    Finish(node, ErrDeadlineExceeded(), node->deadline_cause);
    return node;
  }
  // Under the lock, so that a parent that is done meanwhile finds a timer to stop, or we find it done.
  WordGuard guard(node->lock);
  if (node->is_done.load(std::memory_order_relaxed)) return node;
  node->timer.when_ns = timer_ns;
  node->timer.argument = node;
  node->timer.fire = &OnDeadline;
  node->has_timer = true;
  runtime::StartTimer(&node->timer);
  return node;
}

}  // namespace

void Retain(ContextNode* node) noexcept { node->references.fetch_add(1, std::memory_order_relaxed); }

void Release(ContextNode* node) noexcept {
  if (!DropReference(node)) return;
  if (!IsBetweenTasks()) return DestroyChain(node);
  // Values of the user may wait in their destructors.
  Go([node] { DestroyChain(node); });
}

[[gnu::noinline]] ContextNode* NewCancel(ContextNode* parent, const void* site) {
  ContextNode* node = NewNode(ContextKind::kCancel, parent, site);
  JoinParent(node);
  return node;
}

ContextNode* NewDeadline(ContextNode* parent, Time deadline, Error cause, const void* site) {
  const int64_t deadline_ns = Nanoseconds(deadline.time_since_epoch()).count();
  return NewTimed(parent, deadline_ns, runtime::TimerClock::FromMonotonic(deadline_ns),
                  deadline_ns <= runtime::Now(), std::move(cause), site);
}

ContextNode* NewTimeout(ContextNode* parent, Nanoseconds timeout, Error cause, const void* site) {
  // Two clocks: under a seed the timer must not depend on how long it takes to get here. It is read last, so
  // that without one it does not fire before the deadline.
  const int64_t deadline_ns = runtime::Later(runtime::Now(), timeout.count());
  const int64_t timer_ns = runtime::Later(runtime::TimerClock::Now(), timeout.count());
  return NewTimed(parent, deadline_ns, timer_ns, timeout.count() <= 0, std::move(cause), site);
}

ContextNode* NewValue(ContextNode* parent, ContextValue* owned) {
  ContextNode* node = NewNode(ContextKind::kValue, parent, nullptr);
  node->value = owned;
  return node;
}

ContextNode* NewWithoutCancel(ContextNode* parent) {
  ContextNode* node = NewNode(ContextKind::kDetached, parent, nullptr);
  node->deadline_ns = runtime::kNever;
  return node;
}

ContextNode* NewAfterFunc(ContextNode* parent, LaterCall* owned, const void* site) {
  ContextNode* node = NewNode(ContextKind::kAfterFunc, nullptr, site);
  ContextNode* above = parent == nullptr ? nullptr : parent->source;
  node->call = owned;
  tsan::Release(owned);
  if (above == nullptr) return node;
  Retain(node);  // for the list
  if (List(above, node)) return node;
  tsan::Acquire(above);
  StartCall(std::exchange(node->call, nullptr));
  Release(node);
  return node;
}

ContextNode* TodoNode() {
  static auto* node = new ContextNode;
  Retain(node);
  return node;
}

void Cancel(ContextNode* node, const Error& cause) {
  if (node == nullptr) return;
  Finish(node, ErrCanceled(), cause);
  LeaveParent(node);
}

bool StopAfterFunc(ContextNode* parent, ContextNode* node) {
  ContextNode* above = parent == nullptr ? nullptr : parent->source;
  if (above != nullptr) {
    WordGuard guard(above->lock);
    if (node->listed_at == nullptr) return false;
    Unlist(node);
    node->references.fetch_sub(1, std::memory_order_relaxed);  // not the last: the caller has one
  }
  LaterCall* call = std::exchange(node->call, nullptr);
  delete call;
  return call != nullptr;
}

void CountCancelFunc(ContextNode* node, int change) noexcept {
  if (node != nullptr) node->cancel_funcs.fetch_add(change, std::memory_order_relaxed);
}

Chan<Unit> DoneOf(ContextNode* node) {
  ContextNode* source = node == nullptr ? nullptr : node->source;
  if (source == nullptr) return {};
  WordGuard guard(source->lock);
  if (!source->done) {
    MakeDone(source);
    if (source->is_done.load(std::memory_order_relaxed)) {
      const runtime::WholeStep whole;
      source->done.Close();
    }
  }
  return source->done;
}

Error ErrOf(ContextNode* node) {
  ContextNode* source = node == nullptr ? nullptr : node->source;
  if (source == nullptr || !source->is_done.load(std::memory_order_acquire)) return {};
  tsan::Acquire(source);
  return source->error;
}

Error CauseOf(ContextNode* node) {
  ContextNode* source = node == nullptr ? nullptr : node->source;
  if (source == nullptr || !source->is_done.load(std::memory_order_acquire)) return {};
  tsan::Acquire(source);
  return source->cause;
}

std::optional<Time> DeadlineOf(const ContextNode* node) {
  if (node == nullptr || node->deadline_ns == runtime::kNever) return std::nullopt;
  return Time(Nanoseconds(node->deadline_ns));
}

const void* FindValue(const ContextNode* node, const void* key_type, const void* key, const void* value_type) {
  for (; node != nullptr; node = node->parent) {
    if (node->kind != ContextKind::kValue) continue;
    if (const void* found = node->value->Find(key_type, key, value_type); found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace detail

}  // namespace stray
