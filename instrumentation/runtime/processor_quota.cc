// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/processor_quota.h"

#include <sched.h>
#include <stdlib.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <vector>

#include "instrumentation/runtime/scheduler.h"

namespace stray::runtime {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Version 2: "max 100000" or "150000 100000".
double QuotaOfV2(const std::string& folder) {
  std::istringstream text(ReadFile(folder + "/cpu.max"));
  double quota = 0, period = 0;
  return text >> quota >> period && period > 0 ? quota / period : 0;
}

// Version 1: -1 is none.
double QuotaOfV1(const std::string& folder) {
  const double quota = atof(ReadFile(folder + "/cpu.cfs_quota_us").c_str());
  const double period = atof(ReadFile(folder + "/cpu.cfs_period_us").c_str());
  return quota > 0 && period > 0 ? quota / period : 0;
}

// The smallest quota of the group and of those above it.
double SmallestQuota(const std::string& root, std::string group, double (*quota_of)(const std::string&)) {
  double smallest = 0;
  for (;;) {
    const double quota = quota_of(root + (group == "/" ? "" : group));
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
    if (group.empty() || group == "/") return smallest;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

bool HasCpuController(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

int AffinityCount() {
  for (size_t processors = 1024; processors <= 1 << 20; processors *= 4) {
    std::vector<unsigned long> mask(processors / (8 * sizeof(unsigned long)));
    auto* set = reinterpret_cast<cpu_set_t*>(mask.data());
    if (sched_getaffinity(0, processors / 8, set) == 0) return CPU_COUNT_S(processors / 8, set);
  }
  return 1;
}

}  // namespace

double CgroupQuota(const std::string& cgroups, const std::string& root) {
  double smallest = 0;
  std::istringstream lines(cgroups);
  // hierarchy:controllers:path; version 2 is "0::path".
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    double quota = 0;
    if (controllers.empty()) {
      quota = SmallestQuota(root, path, &QuotaOfV2);
      // Inside a container the path may be the host's, and the group's files stand at the root.
      if (quota == 0) quota = QuotaOfV2(root);
    } else if (HasCpuController(controllers)) {
      for (const std::string& folder : {root + "/" + controllers, root + "/cpu"}) {
        quota = SmallestQuota(folder, path, &QuotaOfV1);
        if (quota == 0) quota = QuotaOfV1(folder);
        if (quota > 0) break;
      }
    }
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
  }
  return smallest;
}

int DefaultMaxProcs() {
  int count = 0;
  if (const char* text = getenv("STRAY_MAXPROCS")) count = atoi(text);
  if (count < 1) {
    count = AffinityCount();
    const double quota = CgroupQuota(ReadFile("/proc/self/cgroup"), "/sys/fs/cgroup");
    if (quota > 0 && std::ceil(quota) < count) count = static_cast<int>(std::ceil(quota));
  }
  if (count < 1) count = 1;
  return count > kMaxProcessors ? kMaxProcessors : count;
}

}  // namespace stray::runtime
