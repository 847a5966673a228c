// SPDX-License-Identifier: Apache-2.0
// labels.h: sets of labels, shared by all tasks that have the same. A set is never changed; each record that
// names it, and each WithLabels that is to bring it back, holds a reference.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_LABELS_H_
#define STRAY_INSTRUMENTATION_RUNTIME_LABELS_H_

#include "instrumentation/runtime/task.h"

namespace stray::runtime {

class Labels {
 public:
  // A new task gets those of its creator.
  static void Inherit(Task* task, const Task* creator) {
    task->record.labels = creator->record.labels;
    if (task->record.labels != nullptr) [[unlikely]]
      Retain(task->record.labels);
  }
  // The task has ended.
  static void Drop(Task* task) {
    if (task->record.labels != nullptr) [[unlikely]]
      DropSlow(task);
  }

  static void Retain(const bridge::LabelText* labels);
  static void Release(const bridge::LabelText* labels);

 private:
  static void DropSlow(Task* task);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_LABELS_H_
