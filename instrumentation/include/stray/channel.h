// SPDX-License-Identifier: Apache-2.0
// channel.h: Go's channels.
//
//   auto results = stray::MakeChan<int>();
//   stray::Go([results] { results.Send(Compute()); results.Close(); });
//   for (int value : results) Use(value);
//
// A channel without capacity is a rendezvous: Send returns once a receiver has the value. With capacity, Send
// waits only while the buffer is full, Recv only while it is empty. Who waits is served in order of arrival.
// After Close, what is in the buffer can still be received, then Recv returns nullopt at once; Send panics
// ("send on closed channel").
//
// Chan<T> is a handle: copies mean the same channel, which lives as long as one of them. Chan<T>{} is the nil
// channel: sending and receiving wait for ever, select never chooses it, Close panics. Any thread may use a
// channel; one that is no goroutine of the runtime then blocks as a thread.
//
// A value is moved twice at most, so T may be move-only; a T whose move constructor throws ends the program.
//
// The k-th send happens before the k-th receive returns; the k-th receive on a channel of capacity C happens
// before the (k+C)-th send returns; Close happens before a receive that sees it. (The Go memory model.)
#ifndef STRAY_CHANNEL_H_
#define STRAY_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace stray {

// A value that says nothing but that it was sent.
struct Unit {
  friend bool operator==(Unit, Unit) { return true; }
};

namespace detail {

struct Channel;  // of the runtime

struct ValueType {
  uint32_t size;
  uint32_t align;
  // Moves the value at `from` to raw memory at `to`, and destroys what is left. Null: copying the bytes does
  // that.
  void (*relocate)(void* to, void* from) noexcept;
  // Null: nothing to do.
  void (*destroy)(void* value) noexcept;
};

template <typename T>
const ValueType& TypeOf() {
  static constexpr ValueType type = {
      sizeof(T), alignof(T),
      std::is_trivially_copyable_v<T> ? nullptr
                                      : +[](void* to, void* from) noexcept {
                                          ::new (to) T(std::move(*static_cast<T*>(from)));
                                          static_cast<T*>(from)->~T();
                                        },
      std::is_trivially_destructible_v<T> ? nullptr : +[](void* value) noexcept { static_cast<T*>(value)->~T(); }};
  return type;
}

// Raw memory for a value that is on its way.
template <typename T>
union Slot {
  Slot() {}
  ~Slot() {}
  T value;

  // After a receive has put a value here.
  std::optional<T> Take() {
    std::optional<T> result(std::move(value));
    value.~T();
    return result;
  }
};

enum class Outcome : uint8_t { kDone, kClosed, kWouldWait };

Channel* NewChannel(const ValueType& type, size_t capacity);
void Retain(Channel* channel) noexcept;
void Release(Channel* channel) noexcept;
// A null channel is the nil channel. `value` is relocated from if the result is kDone.
void Send(Channel* channel, void* value);
Outcome TrySend(Channel* channel, void* value);
Outcome Receive(Channel* channel, void* slot);
Outcome TryReceive(Channel* channel, void* slot);
void Close(Channel* channel);
size_t Length(Channel* channel) noexcept;
size_t Capacity(const Channel* channel) noexcept;
void SetName(Channel* channel, const char* name, size_t size);

// One owner of a channel.
class ChannelRef {
 public:
  ChannelRef() = default;
  explicit ChannelRef(Channel* owned) : channel_(owned) {}
  ChannelRef(const ChannelRef& other) noexcept : channel_(other.channel_) {
    if (channel_ != nullptr) Retain(channel_);
  }
  ChannelRef(ChannelRef&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  ChannelRef& operator=(ChannelRef other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~ChannelRef() {
    if (channel_ != nullptr) Release(channel_);
  }
  Channel* get() const { return channel_; }

 private:
  Channel* channel_ = nullptr;
};

// What a finished receive means to the user.
template <typename T>
std::optional<T> ToOptional(Outcome outcome, Slot<T>& slot) {
  return outcome == Outcome::kDone ? slot.Take() : std::nullopt;
}

// Range-based for: receives until the channel is closed and drained.
template <typename T>
class ReceiveIterator {
 public:
  struct End {};
  explicit ReceiveIterator(Channel* channel) : channel_(channel) { ++*this; }
  T& operator*() { return *value_; }
  ReceiveIterator& operator++() {
    Slot<T> slot;
    value_ = ToOptional(Receive(channel_, &slot), slot);
    return *this;
  }
  bool operator==(End) const { return !value_.has_value(); }

 private:
  Channel* channel_;
  std::optional<T> value_;
};

}  // namespace detail

template <typename T>
class SendChan;
template <typename T>
class RecvChan;
template <typename T>
class Chan;

namespace detail {
// A handle that takes over a reference.
template <typename T>
Chan<T> HandleOf(Channel* owned) {
  return Chan<T>(owned);
}
}  // namespace detail

template <typename T>
class Chan {
 public:
  using Value = T;

  Chan() = default;

  // Waits until the value is received, or in the buffer.
  void Send(T value) const {
    detail::Slot<T> slot;
    ::new (&slot.value) T(std::move(value));
    detail::Send(ref_.get(), &slot);
  }
  // Waits for a value; nullopt: closed and drained.
  std::optional<T> Recv() const {
    detail::Slot<T> slot;
    return detail::ToOptional(detail::Receive(ref_.get(), &slot), slot);
  }
  // False if it would have to wait.
  bool TrySend(T value) const {
    detail::Slot<T> slot;
    ::new (&slot.value) T(std::move(value));
    const bool sent = detail::TrySend(ref_.get(), &slot) == detail::Outcome::kDone;
    if (!sent) slot.value.~T();
    return sent;
  }
  // Nullopt if it would have to wait, or if the channel is closed and drained.
  std::optional<T> TryRecv() const {
    detail::Slot<T> slot;
    return detail::ToOptional(detail::TryReceive(ref_.get(), &slot), slot);
  }
  void Close() const { detail::Close(ref_.get()); }
  // Values in the buffer; true for an instant only. Orders nothing.
  size_t Len() const { return detail::Length(ref_.get()); }
  size_t Cap() const { return detail::Capacity(ref_.get()); }

  // As it is called in reports.
  const Chan& Named(std::string_view name) const {
    if (ref_.get() != nullptr) detail::SetName(ref_.get(), name.data(), name.size());
    return *this;
  }

  // for (T value : channel): until it is closed and drained.
  detail::ReceiveIterator<T> begin() const { return detail::ReceiveIterator<T>(ref_.get()); }
  typename detail::ReceiveIterator<T>::End end() const { return {}; }

  explicit operator bool() const { return ref_.get() != nullptr; }  // false: the nil channel
  friend bool operator==(const Chan& a, const Chan& b) { return a.ref_.get() == b.ref_.get(); }

  detail::Channel* get() const { return ref_.get(); }  // for select.h

 private:
  template <typename U>
  friend class SendChan;
  template <typename U>
  friend class RecvChan;
  template <typename U>
  friend Chan<U> MakeChan(size_t capacity);
  template <typename U>
  friend Chan<U> detail::HandleOf(detail::Channel* owned);
  explicit Chan(detail::Channel* owned) : ref_(owned) {}

  detail::ChannelRef ref_;
};

// The sending end alone.
template <typename T>
class SendChan {
 public:
  using Value = T;
  SendChan() = default;
  SendChan(Chan<T> channel) : channel_(std::move(channel)) {}  // NOLINT: every channel is one
  void Send(T value) const { channel_.Send(std::move(value)); }
  bool TrySend(T value) const { return channel_.TrySend(std::move(value)); }
  void Close() const { channel_.Close(); }
  size_t Len() const { return channel_.Len(); }
  size_t Cap() const { return channel_.Cap(); }
  explicit operator bool() const { return static_cast<bool>(channel_); }
  friend bool operator==(const SendChan& a, const SendChan& b) { return a.channel_ == b.channel_; }
  detail::Channel* get() const { return channel_.get(); }

 private:
  Chan<T> channel_;
};

// The receiving end alone.
template <typename T>
class RecvChan {
 public:
  using Value = T;
  RecvChan() = default;
  RecvChan(Chan<T> channel) : channel_(std::move(channel)) {}  // NOLINT: every channel is one
  std::optional<T> Recv() const { return channel_.Recv(); }
  std::optional<T> TryRecv() const { return channel_.TryRecv(); }
  size_t Len() const { return channel_.Len(); }
  size_t Cap() const { return channel_.Cap(); }
  detail::ReceiveIterator<T> begin() const { return channel_.begin(); }
  typename detail::ReceiveIterator<T>::End end() const { return {}; }
  explicit operator bool() const { return static_cast<bool>(channel_); }
  friend bool operator==(const RecvChan& a, const RecvChan& b) { return a.channel_ == b.channel_; }
  detail::Channel* get() const { return channel_.get(); }

 private:
  Chan<T> channel_;
};

// A new channel that holds up to `capacity` values nobody has received yet.
template <typename T>
[[gnu::always_inline]] inline Chan<T> MakeChan(size_t capacity = 0) {
  return Chan<T>(detail::NewChannel(detail::TypeOf<T>(), capacity));
}

}  // namespace stray

#endif  // STRAY_CHANNEL_H_
