// SPDX-License-Identifier: Apache-2.0
// context.h: Go's package context: tells everybody who works on something that it is not wanted any more.
//
//   auto [context, cancel] = stray::WithTimeout(parent, 2s);
//   stray::Go([context] {
//     stray::Select(stray::OnRecv(work, Handle), stray::OnRecv(context.Done(), [](auto) {}));
//   });
//   ...
//   cancel();  // also if all went well: until then, or the deadline, the context belongs to its parent
//
// A Context is a value, cheap to copy; the tree behind it lives as long as it is used. Cancellation flows down,
// never up: a context is done when it is cancelled, when its deadline has passed, or when its parent is done.
// The earlier deadline wins. Done() is closed once, and Err() says why from then on: ErrCanceled() or
// ErrDeadlineExceeded(); Cause() says it in the words of who cancelled. A context that is dropped leaves its
// parent.
//
// A context whose cancel function is gone, without a call and without a deadline, is done only if its parent
// is: who waits for it may wait for ever, and reports say so.
//
// The call of cancel happens before a receive from Done() returns.
#ifndef STRAY_CONTEXT_H_
#define STRAY_CONTEXT_H_

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "stray/channel.h"
#include "stray/error.h"
#include "stray/sync_core.h"
#include "stray/time.h"

namespace stray {

// "context canceled"
const Error& ErrCanceled();
// "context deadline exceeded"
const Error& ErrDeadlineExceeded();

namespace detail {

struct ContextNode;  // of the runtime; null: the background

// A key and a value of any types. A type is told by the address of its tag.
template <typename T>
inline constexpr char kTypeTag = 0;
struct ContextValue {
  virtual ~ContextValue() = default;
  // The value, if key and types are these.
  virtual const void* Find(const void* key_type, const void* key, const void* value_type) const = 0;
};
template <typename Key, typename T>
struct ContextValueOf final : ContextValue {
  ContextValueOf(Key k, T v) : key(std::move(k)), value(std::move(v)) {}
  const void* Find(const void* key_type, const void* wanted, const void* value_type) const override {
    const bool fits = key_type == &kTypeTag<Key> && value_type == &kTypeTag<T>;
    return fits && *static_cast<const Key*>(wanted) == key ? &value : nullptr;
  }
  Key key;
  T value;
};
// A literal is compared by its letters.
template <typename Key>
using KeyOf = std::conditional_t<std::is_convertible_v<Key, std::string>, std::string, std::decay_t<Key>>;

void Retain(ContextNode* node) noexcept;
void Release(ContextNode* node) noexcept;
ContextNode* NewCancel(ContextNode* parent, const void* site);
ContextNode* NewDeadline(ContextNode* parent, Time deadline, Error cause, const void* site);
ContextNode* NewTimeout(ContextNode* parent, Nanoseconds timeout, Error cause, const void* site);
ContextNode* NewValue(ContextNode* parent, ContextValue* owned);
ContextNode* NewWithoutCancel(ContextNode* parent);
ContextNode* NewAfterFunc(ContextNode* parent, LaterCall* owned, const void* site);
ContextNode* TodoNode();
void Cancel(ContextNode* node, const Error& cause);
bool StopAfterFunc(ContextNode* parent, ContextNode* node);
void CountCancelFunc(ContextNode* node, int change) noexcept;
Chan<Unit> DoneOf(ContextNode* node);
Error ErrOf(ContextNode* node);
Error CauseOf(ContextNode* node);
std::optional<Time> DeadlineOf(const ContextNode* node);
const void* FindValue(const ContextNode* node, const void* key_type, const void* key, const void* value_type);

class ContextRef {
 public:
  ContextRef() = default;
  explicit ContextRef(ContextNode* owned) : node_(owned) {}
  ContextRef(const ContextRef& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) Retain(node_);
  }
  ContextRef(ContextRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  ContextRef& operator=(ContextRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~ContextRef() {
    if (node_ != nullptr) Release(node_);
  }
  ContextNode* get() const { return node_; }

 private:
  ContextNode* node_ = nullptr;
};

}  // namespace detail

class Context {
 public:
  Context() = default;  // Background()
  explicit Context(detail::ContextNode* owned) : node_(owned) {}

  // Closed once the work is not wanted any more; the nil channel if that cannot be.
  RecvChan<Unit> Done() const { return detail::DoneOf(node_.get()); }
  // None until Done() is closed.
  Error Err() const { return detail::ErrOf(node_.get()); }
  std::optional<Time> Deadline() const { return detail::DeadlineOf(node_.get()); }
  // What WithValue has put under that key and type, in this context or above; null: nothing. Lives as long as
  // this context.
  template <typename T, typename Key>
  const T* Value(const Key& key) const {
    const detail::KeyOf<Key> wanted(key);
    return static_cast<const T*>(
        detail::FindValue(node_.get(), &detail::kTypeTag<detail::KeyOf<Key>>, &wanted, &detail::kTypeTag<T>));
  }

  friend bool operator==(const Context& a, const Context& b) { return a.node_.get() == b.node_.get(); }
  detail::ContextNode* get() const { return node_.get(); }

 private:
  detail::ContextRef node_;
};

// Cancels its context. Any number of calls, from any task; the first counts.
class CancelFunc {
 public:
  CancelFunc() = default;  // does nothing
  explicit CancelFunc(Context context) : context_(std::move(context)) { Count(+1); }
  CancelFunc(const CancelFunc& other) : CancelFunc(other.context_) {}
  CancelFunc& operator=(CancelFunc other) {
    std::swap(context_, other.context_);
    return *this;
  }
  ~CancelFunc() { Count(-1); }
  void operator()() const { detail::Cancel(context_.get(), Error()); }

 protected:
  void Count(int change) { detail::CountCancelFunc(context_.get(), change); }
  Context context_;
};

// The same, with what Cause() is to say.
class CancelCauseFunc : public CancelFunc {
 public:
  using CancelFunc::CancelFunc;
  void operator()(const Error& cause) const { detail::Cancel(context_.get(), cause); }
};

// auto [context, cancel] = ...
struct CancelContext {
  Context context;
  CancelFunc cancel;
};
struct CancelCauseContext {
  Context context;
  CancelCauseFunc cancel;
};

// Never done, without values or deadline: the root of all others.
inline Context Background() { return {}; }
// The same, where it is not clear yet which context belongs there.
inline Context Todo() { return Context(detail::TodoNode()); }

[[nodiscard, gnu::always_inline]] inline CancelContext WithCancel(const Context& parent) {
  Context context(detail::NewCancel(parent.get(), detail::Here()));
  return {context, CancelFunc(context)};
}
[[nodiscard, gnu::always_inline]] inline CancelCauseContext WithCancelCause(const Context& parent) {
  Context context(detail::NewCancel(parent.get(), detail::Here()));
  return {context, CancelCauseFunc(context)};
}
[[nodiscard, gnu::always_inline]] inline CancelContext WithDeadlineCause(const Context& parent, Time deadline,
                                                                         Error cause) {
  Context context(detail::NewDeadline(parent.get(), deadline, std::move(cause), detail::Here()));
  return {context, CancelFunc(context)};
}
[[nodiscard, gnu::always_inline]] inline CancelContext WithDeadline(const Context& parent, Time deadline) {
  return WithDeadlineCause(parent, deadline, Error());
}
template <typename Rep, typename Period>
[[nodiscard, gnu::always_inline]] inline CancelContext WithTimeoutCause(
    const Context& parent, std::chrono::duration<Rep, Period> timeout, Error cause) {
  Context context(detail::NewTimeout(parent.get(), detail::AtLeast(timeout), std::move(cause), detail::Here()));
  return {context, CancelFunc(context)};
}
template <typename Rep, typename Period>
[[nodiscard, gnu::always_inline]] inline CancelContext WithTimeout(const Context& parent,
                                                                   std::chrono::duration<Rep, Period> timeout) {
  return WithTimeoutCause(parent, timeout, Error());
}
// Keys are compared by type and value; make a type of your own, so that nobody else has the same.
template <typename Key, typename T>
[[nodiscard]] Context WithValue(const Context& parent, Key key, T value) {
  using Stored = detail::ContextValueOf<detail::KeyOf<Key>, T>;
  return Context(detail::NewValue(parent.get(), new Stored(std::move(key), std::move(value))));
}
// With the values of `parent`, but never done and without deadline.
[[nodiscard]] inline Context WithoutCancel(const Context& parent) {
  return Context(detail::NewWithoutCancel(parent.get()));
}

// Why it is done: what CancelCauseFunc or WithTimeoutCause said, else Err().
[[nodiscard]] inline Error Cause(const Context& context) { return detail::CauseOf(context.get()); }

// Keeps a function from being called; true if it will not be called because of that.
class StopFunc {
 public:
  StopFunc(Context parent, Context registered)
      : parent_(std::move(parent)), registered_(std::move(registered)) {}
  bool operator()() const { return detail::StopAfterFunc(parent_.get(), registered_.get()); }

 private:
  Context parent_, registered_;
};
// Calls `f` in a goroutine of its own once `context` is done.
template <typename F>
[[gnu::always_inline]] inline StopFunc AfterFunc(const Context& context, F&& f) {
  detail::LaterCall* call = detail::NewLaterCall(std::forward<F>(f));
  return {context, Context(detail::NewAfterFunc(context.get(), call, detail::Here()))};
}

}  // namespace stray

#endif  // STRAY_CONTEXT_H_
