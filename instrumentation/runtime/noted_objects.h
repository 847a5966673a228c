// SPDX-License-Identifier: Apache-2.0
// noted_objects.h: locks and channels that are not the runtime's, as annotate.h was told of them.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_NOTED_OBJECTS_H_
#define STRAY_INSTRUMENTATION_RUNTIME_NOTED_OBJECTS_H_

#include <atomic>
#include <cstdint>

namespace stray::runtime {

struct NotedObject {
  std::atomic<const void*> address{nullptr};  // null: free
  std::atomic<const char*> name{nullptr};
  std::atomic<uint64_t> holder{0};  // id of a task
  std::atomic<const void*> held_at{nullptr};
  NotedObject* next = nullptr;
};

// Any thread. Finding takes no lock: snapshots do it in signal handlers.
class NotedObjects {
 public:
  static NotedObject* Find(const void* address);
  static NotedObject* FindOrMake(const void* address);  // null: no memory
  static void Forget(const void* address);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_NOTED_OBJECTS_H_
