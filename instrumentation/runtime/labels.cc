// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/labels.h"

#include <string.h>

#include <new>
#include <string>
#include <vector>

#include "instrumentation/runtime/park.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/labels.h"

namespace stray {

namespace runtime {
namespace {

using bridge::LabelText;

// Readers stop at a zero, and the two that part keys and values must not stand in them.
std::string Clean(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (c == 0 || c == bridge::kLabelValue || c == bridge::kLabelEnd) c = ' ';
  }
  return clean;
}

std::string_view TextOf(const LabelText* labels) {
  return labels == nullptr ? std::string_view()
                           : std::string_view(reinterpret_cast<const char*>(labels + 1), labels->size);
}

// Those of `old` whose key is not in `added`.
std::string Remaining(std::string_view old, const std::vector<std::string>& added) {
  std::string text;
  while (!old.empty()) {
    const size_t end = old.find(bridge::kLabelEnd);
    const std::string_view one = old.substr(0, end + 1);
    const std::string_view key = one.substr(0, one.find(bridge::kLabelValue));
    bool replaced = false;
    for (const std::string& other : added) replaced = replaced || other == key;
    if (!replaced) text += one;
    old.remove_prefix(one.size());
  }
  return text;
}

const LabelText* Make(const std::string& text) {
  auto* labels = static_cast<LabelText*>(::operator new(sizeof(LabelText) + text.size()));
  new (labels) LabelText{{1}, static_cast<uint32_t>(text.size())};
  memcpy(static_cast<void*>(labels + 1), text.data(), text.size());
  return labels;
}

}  // namespace

void Labels::Retain(const LabelText* labels) {
  const_cast<LabelText*>(labels)->references.fetch_add(1, std::memory_order_relaxed);
}

void Labels::Release(const LabelText* labels) {
  auto* own = const_cast<LabelText*>(labels);
  tsan::Release(own);
  if (own->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  tsan::Acquire(own);
  ::operator delete(own);
}

void Labels::DropSlow(Task* task) {
  const LabelText* labels = task->record.labels;
  task->record.labels = nullptr;
  Release(labels);
}

}  // namespace runtime

namespace detail {

using runtime::Labels;
using runtime::Task;

const void* AddLabels(const Label* labels, size_t count) {
  Task* task = runtime::CurrentTask();
  const runtime::LabelText* before = task->record.labels;
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) keys.push_back(runtime::Clean(labels[i].key));
  std::string text = runtime::Remaining(runtime::TextOf(before), keys);
  for (size_t i = 0; i < count; ++i) {
    const std::string one = keys[i] + bridge::kLabelValue + runtime::Clean(labels[i].value) + bridge::kLabelEnd;
    if (text.size() + one.size() <= bridge::kMostLabelBytes) text += one;
  }
  task->record.labels = runtime::Make(text);
  return before;
}

void RestoreLabels(const void* before) noexcept {
  Task* task = runtime::CurrentTask();
  const runtime::LabelText* labels = task->record.labels;
  task->record.labels = static_cast<const runtime::LabelText*>(before);
  if (labels != nullptr) Labels::Release(labels);
}

}  // namespace detail

}  // namespace stray
