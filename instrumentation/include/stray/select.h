// SPDX-License-Identifier: Apache-2.0
// select.h: waits for several channels at once.
//
//   stray::Select(stray::OnRecv(results, [&](std::optional<int> value) { ... }),
//                 stray::OnSend(jobs, next, [&] { ... }),
//                 stray::OnRecv(stray::After(1s), [&](auto) { ... }));
//
// If cases are ready, one of them is chosen at random, each as likely as any other; else the one that becomes
// ready first. With OnDefault it does not wait. The handler of the chosen case runs after all is done, so it
// may use any channel. A nil channel is never ready. Without cases, or with nil channels only, it waits for
// ever. Returns the number of the chosen case, from 0 in the order written.
#ifndef STRAY_SELECT_H_
#define STRAY_SELECT_H_

#include <tuple>
#include <utility>

#include "stray/channel.h"

namespace stray {

namespace detail {

struct SelectCase {
  Channel* channel;
  void* value;  // to relocate from, or raw memory to receive into
  bool sends;
  Outcome outcome;  // of a receive, once the case was chosen: kDone or kClosed
};

// The chosen case; `count` for the default. `has_default`: does not wait.
size_t SelectFrom(SelectCase* cases, size_t count, bool has_default);

template <typename Channel, typename Handler>
struct ReceiveCase {
  using Value = typename Channel::Value;
  static constexpr bool kIsDefault = false;
  Channel channel;
  Handler handler;
  Slot<Value> slot;

  ReceiveCase(Channel from, Handler then) : channel(std::move(from)), handler(std::move(then)) {}
  // Cases are made in the call of Select, and moved before anything is received.
  ReceiveCase(ReceiveCase&& other) : channel(std::move(other.channel)), handler(std::move(other.handler)) {}
  SelectCase Describe() { return {channel.get(), &slot, false, Outcome::kWouldWait}; }
  void Chosen(Outcome outcome) { handler(ToOptional(outcome, slot)); }
  void NotChosen() {}
};

template <typename Channel, typename Handler>
struct SendCase {
  using Value = typename Channel::Value;
  static constexpr bool kIsDefault = false;
  Channel channel;
  Handler handler;
  Slot<Value> slot;
  bool has_value = true;

  SendCase(Channel to, Value value, Handler then) : channel(std::move(to)), handler(std::move(then)) {
    ::new (&slot.value) Value(std::move(value));
  }
  SendCase(SendCase&& other) : channel(std::move(other.channel)), handler(std::move(other.handler)) {
    ::new (&slot.value) Value(std::move(other.slot.value));
  }
  ~SendCase() {
    if (has_value) slot.value.~Value();
  }
  SelectCase Describe() { return {channel.get(), &slot, true, Outcome::kWouldWait}; }
  void Chosen(Outcome) {
    has_value = false;
    handler();
  }
};

template <typename Handler>
struct DefaultCase {
  static constexpr bool kIsDefault = true;
  Handler handler;
};

}  // namespace detail

// Handler: void(std::optional<T>); nullopt: the channel is closed and drained.
template <typename Channel, typename Handler>
detail::ReceiveCase<Channel, Handler> OnRecv(Channel channel, Handler handler) {
  return {std::move(channel), std::move(handler)};
}
template <typename Channel>
auto OnRecv(Channel channel) {
  return OnRecv(std::move(channel), [](auto&&) {});
}
// Handler: void().
template <typename Channel, typename Handler>
detail::SendCase<Channel, Handler> OnSend(Channel channel, typename Channel::Value value, Handler handler) {
  return {std::move(channel), std::move(value), std::move(handler)};
}
template <typename Channel>
auto OnSend(Channel channel, typename Channel::Value value) {
  return OnSend(std::move(channel), std::move(value), [] {});
}
template <typename Handler>
detail::DefaultCase<Handler> OnDefault(Handler handler) {
  return {std::move(handler)};
}
inline auto OnDefault() {
  return OnDefault([] {});
}

namespace detail {

template <typename Case>
void FinishCase(Case& one, const SelectCase& result) {
  if constexpr (Case::kIsDefault) {
    one.handler();
  } else {
    one.Chosen(result.outcome);
  }
}

template <typename... Cases, size_t... kIndices>
size_t SelectAmong(std::index_sequence<kIndices...>, Cases&... cases) {
  constexpr size_t kCount = sizeof...(Cases);
  constexpr size_t kDefaults = (size_t{Cases::kIsDefault} + ... + 0);
  static_assert(kDefaults <= 1, "a select has one default case at most");
  constexpr size_t kPlain = kCount - kDefaults;
  SelectCase described[kPlain + 1];
  size_t numbers[kPlain + 1] = {};  // of the described cases in the order written; last, of the default
  size_t count = 0;
  [[maybe_unused]] const auto describe = [&](auto& one, size_t number) {
    if constexpr (std::remove_reference_t<decltype(one)>::kIsDefault) {
      numbers[kPlain] = number;
    } else {
      numbers[count] = number;
      described[count++] = one.Describe();
    }
  };
  (describe(cases, kIndices), ...);
  const size_t chosen = SelectFrom(described, kPlain, kDefaults == 1);
  const size_t number = numbers[chosen];
  ((kIndices == number ? FinishCase(cases, described[chosen]) : void()), ...);
  return number;
}

}  // namespace detail

template <typename... Cases>
size_t Select(Cases&&... cases) {
  return detail::SelectAmong(std::index_sequence_for<Cases...>(), cases...);
}

}  // namespace stray

#endif  // STRAY_SELECT_H_
