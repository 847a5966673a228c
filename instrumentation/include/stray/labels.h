// SPDX-License-Identifier: Apache-2.0
// labels.h: what a goroutine works for, in the words of the program: Go's pprof.Do.
//
//   stray::WithLabels({{"request", id}, {"user", name}}, [&] { Serve(); });
//
// A goroutine inherits the labels of the one that starts it, as they are at that moment; so does one that a
// thread starts. Reports show them with each task.
#ifndef STRAY_LABELS_H_
#define STRAY_LABELS_H_

#include <initializer_list>
#include <string_view>
#include <utility>

namespace stray {

// Both are copied.
struct Label {
  std::string_view key, value;
};

namespace detail {

// What the calling task had before, to be handed back.
const void* AddLabels(const Label* labels, size_t count);
void RestoreLabels(const void* before) noexcept;

}  // namespace detail

// Calls `f`; meanwhile the calling goroutine, or thread, has these labels beside its own. A key that it has
// already gets the new value. Returns what `f` returns. Labels that would give a task more than 4096 bytes of
// them are left out.
template <typename F>
decltype(auto) WithLabels(std::initializer_list<Label> labels, F&& f) {
  struct Scope {
    const void* before;
    ~Scope() { detail::RestoreLabels(before); }
  } scope{detail::AddLabels(labels.begin(), labels.size())};
  return std::forward<F>(f)();
}

}  // namespace stray

#endif  // STRAY_LABELS_H_
