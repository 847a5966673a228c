// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/limits.h"

#include "agent/base/raw.h"

namespace stray::agent {
namespace {

constexpr uint64_t kShare = 4;  // the agent takes at most one part in so many of what is free
constexpr uint64_t kPage = 4096;

bool ReadLimit(int resource, rlimit* limit) {
  return RawCall(SYS_prlimit64, 0, resource, 0, reinterpret_cast<long>(limit)) == 0;
}

bool WriteLimit(int resource, const rlimit& limit) {
  return RawCall(SYS_prlimit64, 0, resource, reinterpret_cast<long>(&limit), 0) == 0;
}

// Bytes mapped, and bytes of data among them: what RLIMIT_AS and RLIMIT_DATA count. Zero if that cannot be
// read.
struct Mapped {
  uint64_t all = 0;
  uint64_t data = 0;
};

Mapped ReadMapped() {
  char text[256] = {};
  Mapped mapped;
  if (ReadFile("/proc/self/statm", text, sizeof(text) - 1) <= 0) return mapped;
  const char* at = text;
  mapped.all = ParseUnsigned(&at) * kPage;
  for (int field = 0; field < 5 && *at == ' '; ++field) {  // data is the sixth
    ++at;
    mapped.data = ParseUnsigned(&at) * kPage;
  }
  return mapped;
}

uint64_t ShareOf(int resource, uint64_t used) {
  rlimit limit;
  if (!ReadLimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
  return limit.rlim_cur <= used ? 0 : (limit.rlim_cur - used) / kShare;
}

}  // namespace

RaisedLimit::RaisedLimit(int resource) : resource_(resource) {
  if (!ReadLimit(resource, &before_)) return;
  allowed_ = before_.rlim_cur;
  if (before_.rlim_cur >= before_.rlim_max) return;
  raised_ = WriteLimit(resource, {before_.rlim_max, before_.rlim_max});
  if (raised_) allowed_ = before_.rlim_max;
}

RaisedLimit::~RaisedLimit() {
  if (raised_) WriteLimit(resource_, before_);
}

uint64_t AddressSpaceShare() {
  rlimit space, data;
  const bool limited = !ReadLimit(RLIMIT_AS, &space) || space.rlim_cur != RLIM_INFINITY ||
                       !ReadLimit(RLIMIT_DATA, &data) || data.rlim_cur != RLIM_INFINITY;
  if (!limited) return UINT64_MAX;
  const Mapped mapped = ReadMapped();
  const uint64_t of_space = ShareOf(RLIMIT_AS, mapped.all);
  const uint64_t of_data = ShareOf(RLIMIT_DATA, mapped.data);
  return of_space < of_data ? of_space : of_data;
}

}  // namespace stray::agent
