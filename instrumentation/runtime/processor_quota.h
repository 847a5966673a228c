// SPDX-License-Identifier: Apache-2.0
// processor_quota.h: how many processors this process may use.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_PROCESSOR_QUOTA_H_
#define STRAY_INSTRUMENTATION_RUNTIME_PROCESSOR_QUOTA_H_

#include <string>

namespace stray::runtime {

// STRAY_MAXPROCS if it is a positive number; else the processors of the affinity mask, but no more than the
// quota of the control group, rounded up, and at least 1.
int DefaultMaxProcs();

// Quota in processors of the group that `cgroups` (the text of /proc/self/cgroup) names, with the hierarchies
// mounted below `root` (/sys/fs/cgroup); 0: none. A quota of any group above counts as well. Versions 1 and 2.
double CgroupQuota(const std::string& cgroups, const std::string& root);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_PROCESSOR_QUOTA_H_
