// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/profile_delta.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace stray::analyzer {
namespace {

// The same for samples that are one. Processes of two models are the same if their numbers are.
std::string KeyOf(const ProfileSample& sample) {
  std::string key = absl::StrCat(sample.process == nullptr ? 0 : sample.process->process.pid(), ":",
                                 absl::StrJoin(sample.addresses, ","), ":", sample.placeholder);
  for (const ProfileLabel& label : sample.labels) {
    absl::StrAppend(&key, "\n", label.key, "=", label.unit.empty() ? label.text : absl::StrCat(label.number));
  }
  return key;
}

}  // namespace

TaskProfile ProfileDelta(const TaskProfile& now, const TaskProfile& before) {
  TaskProfile delta = now;
  absl::flat_hash_map<std::string, size_t> places;
  for (size_t i = 0; i < delta.samples.size(); ++i) places.try_emplace(KeyOf(delta.samples[i]), i);
  for (const ProfileSample& old : before.samples) {
    const auto [place, is_new] = places.try_emplace(KeyOf(old), delta.samples.size());
    if (is_new) {
      ProfileSample& gone = delta.samples.emplace_back(old);
      gone.count = gone.wait_ns = 0;
    }
    ProfileSample& sample = delta.samples[place->second];
    sample.count -= old.count;
    sample.wait_ns -= old.wait_ns;
  }
  delta.samples.erase(
      std::remove_if(delta.samples.begin(), delta.samples.end(),
                     [](const ProfileSample& sample) { return sample.count == 0 && sample.wait_ns == 0; }),
      delta.samples.end());
  delta.duration_ns = now.time_ns - before.time_ns;
  delta.time_ns = before.time_ns;
  return delta;
}

}  // namespace stray::analyzer
