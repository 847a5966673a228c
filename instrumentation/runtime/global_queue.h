// SPDX-License-Identifier: Apache-2.0
// global_queue.h: tasks that any processor may run, in order.
//
// A chain of blocks of pointers. Tasks linked by Task::next would do without the blocks, but then to take a
// hundred tasks is to fetch a hundred lines of memory one after the other, each found through the one before:
// with a million tasks in here (skynet) that was two fifths of all time.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_GLOBAL_QUEUE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_GLOBAL_QUEUE_H_

#include <cstdint>

#include "instrumentation/runtime/task.h"

namespace stray::runtime {

// Guarded by the lock of its owner. Blocks are kept for ever, as tasks are: eight bytes for each that ever
// waited here at the same time.
class GlobalQueue {
 public:
  bool IsEmpty() const { return count_ == 0; }
  uint32_t Count() const { return count_; }

  void Push(Task* task) {
    if (last_ == nullptr || last_->end == kBlockTasks) AddBlock();
    last_->tasks[last_->end++] = task;
    ++count_;
  }
  // Null if it is empty.
  Task* Pop() {
    if (count_ == 0) return nullptr;
    --count_;
    Block* block = first_;
    Task* task = block->tasks[block->begin++];
    if (block->begin == block->end) RemoveBlock();
    return task;
  }

 private:
  static constexpr uint32_t kBlockTasks = 254;
  struct Block {
    Block* next;
    uint32_t begin, end;
    Task* tasks[kBlockTasks];
  };

  void AddBlock() {
    Block* block = spare_;
    if (block != nullptr) {
      spare_ = block->next;
    } else {
      block = new Block;
    }
    block->next = nullptr;
    block->begin = block->end = 0;
    (last_ == nullptr ? first_ : last_->next) = block;
    last_ = block;
  }
  void RemoveBlock() {
    Block* block = first_;
    first_ = block->next;
    if (first_ == nullptr) last_ = nullptr;
    block->next = spare_;
    spare_ = block;
  }

  Block* first_ = nullptr;
  Block* last_ = nullptr;
  Block* spare_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_GLOBAL_QUEUE_H_
