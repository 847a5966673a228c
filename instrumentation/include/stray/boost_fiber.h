// SPDX-License-Identifier: Apache-2.0
// boost_fiber.h: shows the fibers of Boost.Fiber in stray's reports. One line in each thread that runs fibers,
// around the algorithm that it uses anyway:
//
//   boost::fibers::use_scheduling_algorithm<stray::Observed<boost::fibers::algo::round_robin>>();
//
// and, if the report is to say who holds a lock, its type: stray::ObservedLock<boost::fibers::mutex>.
//
// What each fiber waits for is read from its stack. Algorithms with properties cannot be observed: the one
// pointer that Boost keeps for an algorithm with each fiber is used here. Link stray::runtime and Boost::fiber.
#ifndef STRAY_BOOST_FIBER_H_
#define STRAY_BOOST_FIBER_H_

#include <boost/fiber/algo/algorithm.hpp>
#include <boost/fiber/context.hpp>
#include <boost/fiber/properties.hpp>
#include <boost/fiber/type.hpp>
#include <type_traits>
#include <utility>

#include "stray/annotate.h"

namespace stray {
namespace detail {

// Goes with the fiber, and is destroyed with it.
class FiberNote : public boost::fibers::fiber_properties {
 public:
  FiberNote(boost::fibers::context* fiber, stray_task* task) : fiber_properties(fiber), task_(task) {}
  ~FiberNote() override { End(); }
  FiberNote(const FiberNote&) = delete;
  FiberNote& operator=(const FiberNote&) = delete;

  stray_task* task() const { return task_; }
  void End() { stray_task_ended(std::exchange(task_, nullptr)); }

 private:
  stray_task* task_;
};

}  // namespace detail

// `Algorithm` as it is, and stray is told what it does. Same constructor arguments.
template <typename Algorithm>
class Observed : public Algorithm {
  static_assert(!std::is_base_of_v<boost::fibers::algo::algorithm_with_properties_base, Algorithm>,
                "an algorithm with properties keeps its own data where stray would");
  using Context = boost::fibers::context;

 public:
  template <typename... Arguments>
  explicit Observed(Arguments&&... arguments) : Algorithm(std::forward<Arguments>(arguments)...) {
    Context* main = Context::active();
    if (main->get_properties() != nullptr) return;
    if (stray_task* task = stray_thread_runs_tasks("main"))
      main->set_properties(new detail::FiberNote(main, task));
  }

  void awakened(Context* fiber) noexcept override {
    // Launched by dispatch: a new fiber runs already, and the one that made it has stopped for it.
    Context* active = Context::active();
    if (active != fiber && IsShown(active) && TaskOf(active) != stray_task_current()) {
      void* const nowhere[3] = {};
      stray_task_parked_at(TaskOf(fiber), STRAY_WAIT_UNKNOWN, nullptr, nowhere);
      stray_task_running(TaskOf(active));
    }
    stray_task_ready(TaskOf(fiber));
    Algorithm::awakened(fiber);
  }

  // Called by the fiber that stops, on its own stack; the frames from our caller on stay until it goes on.
  [[gnu::noinline]] Context* pick_next() noexcept override {
    void* const caller[3] = {__builtin_dwarf_cfa(), *static_cast<void**>(__builtin_frame_address(0)),
                             static_cast<char*>(__builtin_return_address(0)) - 1};
    Stop(Context::active(), caller);
    Context* next = Algorithm::pick_next();
    if (next != nullptr && IsShown(next)) stray_task_running(TaskOf(next));
    return next;
  }

 private:
  static bool IsShown(const Context* fiber) {
    return fiber != nullptr && !fiber->is_context(boost::fibers::type::dispatcher_context);
  }

  // Null without the agent. A fiber is announced when it is seen first: by its creator, mostly.
  static stray_task* TaskOf(Context* fiber) noexcept {
    if (!IsShown(fiber)) return nullptr;
    auto* note = static_cast<detail::FiberNote*>(fiber->get_properties());
    if (note == nullptr) {
      stray_task* task = stray_task_created(nullptr);
      if (task == nullptr) return nullptr;
      note = new detail::FiberNote(fiber, task);
      fiber->set_properties(note);
    }
    return note->task();
  }

  static void Stop(Context* fiber, void* const* registers) noexcept {
    stray_task* task = TaskOf(fiber);
    if (task == nullptr) return;
    if (fiber->terminated_is_linked()) {
      static_cast<detail::FiberNote*>(fiber->get_properties())->End();
    } else {
      stray_task_parked_at(task, fiber->sleep_is_linked() ? STRAY_WAIT_SLEEP : STRAY_WAIT_UNKNOWN, nullptr,
                           registers);
    }
  }
};

// `Lockable` as it is, and reports say who holds it and where it was taken.
template <typename Lockable>
class ObservedLock {
 public:
  void lock() {
    stray_wait_begin(STRAY_WAIT_LOCK, this);
    lockable_.lock();
    stray_wait_end();
    stray_acquired(this);
  }
  bool try_lock() {
    if (!lockable_.try_lock()) return false;
    stray_acquired(this);
    return true;
  }
  void unlock() {
    stray_released(this);
    lockable_.unlock();
  }
  ~ObservedLock() { stray_object_gone(this); }
  ObservedLock() = default;
  ObservedLock(const ObservedLock&) = delete;
  ObservedLock& operator=(const ObservedLock&) = delete;

 private:
  Lockable lockable_;
};

}  // namespace stray

#endif  // STRAY_BOOST_FIBER_H_
