// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_9446.cc: the buffer of a transaction has a lock for those that read it and who resets it.
//
// GoBench (CGO 2021): etcd_9446.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/map.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <shared_mutex>
#include <string>

#include "tests/support/order.h"

static Gate found, was_reset;

class TxBuffer {
 public:
  void Put(const std::string& bucket, int entries) { buckets_.Store(bucket, entries); }
  void Reset() {
    std::lock_guard writer(mutex_);
    buckets_.Clear();
  }
  int Range(const std::string& bucket) const {
    std::shared_lock reader(mutex_);
    return buckets_.Load(bucket).value_or(0);
  }

 private:
  mutable stray::RWMutex mutex_;
  stray::PlainMap<std::string, int> buckets_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    TxBuffer buffer;
    buffer.Put("keys", 1);
    stray::WaitGroup both;
    both.Go("reader", [&] {
      if (buffer.Range("keys") != 1) stray::Panic("not found");
      GateOpen(&found);
      GateAwait(&was_reset);
    });
    both.Go("committer", [&] {
      GateAwait(&found);
      buffer.Reset();
      GateOpen(&was_reset);
    });
    both.Wait();
  });
}
