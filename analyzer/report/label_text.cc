// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/label_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostValues = 4;

struct Values {
  std::vector<std::string> in_order;
  absl::flat_hash_set<std::string> seen;
  size_t tasks = 0;
};

std::string ValuesText(const Values& values, size_t tasks) {
  const size_t shown = std::min(values.in_order.size(), kMostValues);
  std::string text = absl::StrJoin(absl::MakeConstSpan(values.in_order).subspan(0, shown), ", ");
  if (shown < values.in_order.size()) absl::StrAppend(&text, " and ", values.in_order.size() - shown, " more");
  if (values.tasks < tasks) absl::StrAppend(&text, " (", values.tasks, " of ", tasks, ")");
  return text;
}

}  // namespace

std::string LabelText(const ProcessModel& process, const TaskGroup& group) {
  std::map<std::string, Values> by_key;
  for (const EvidenceTask& task : group.tasks) {
    for (const wire::Label* label : process.LabelsOf(task.task)) {
      Values& values = by_key[label->key()];
      ++values.tasks;
      if (values.seen.insert(label->value()).second) values.in_order.push_back(label->value());
    }
  }
  return absl::StrJoin(by_key, ", ", [&](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, "=", ValuesText(entry.second, group.tasks.size()));
  });
}

}  // namespace stray::analyzer
