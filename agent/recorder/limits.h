// SPDX-License-Identifier: Apache-2.0
// limits.h: the host's resource limits, and how the agent lives within them.
//
// What the agent takes, the program does not get: of a limited address space it uses a share only, and leaves
// the rest to the threads and the heap that the limit was made for.
#ifndef STRAY_AGENT_RECORDER_LIMITS_H_
#define STRAY_AGENT_RECORDER_LIMITS_H_

#include <sys/resource.h>

#include <cstdint>

namespace stray::agent {

// Raises a soft limit to the hard one for as long as it lives, so that a black box can be made by a program
// that has taken from itself the right to large files or more descriptors. Context: while the process has one
// thread, or another one might see the limit that it has not set.
class RaisedLimit {
 public:
  explicit RaisedLimit(int resource);
  ~RaisedLimit();
  RaisedLimit(const RaisedLimit&) = delete;
  RaisedLimit& operator=(const RaisedLimit&) = delete;

  // What applies now.
  uint64_t Allowed() const { return allowed_; }

 private:
  const int resource_;
  rlimit before_ = {};
  bool raised_ = false;
  uint64_t allowed_ = RLIM_INFINITY;
};

// Bytes of address space that the agent may take; UINT64_MAX if there is no limit.
uint64_t AddressSpaceShare();

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_LIMITS_H_
