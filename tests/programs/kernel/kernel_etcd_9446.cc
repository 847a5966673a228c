// SPDX-License-Identifier: Apache-2.0
// kernel_etcd_9446.cc: the buffer of a transaction is reset while somebody still looks keys up in it.
//
//   reader                    committer
//   Range                     .
//   .                         Reset
//
// GoBench (CGO 2021): etcd_9446.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/map.h>
#include <stray/wait_group.h>

#include <string>

#include "tests/support/order.h"

static Gate found, was_reset;

class TxBuffer {
 public:
  void Put(const std::string& bucket, int entries) { buckets_.Store(bucket, entries); }
  // want race.data: by G\d+ "committer" at .* and read by G\d+ "reader" at
  void Reset() { buckets_.Clear(); }
  int Range(const std::string& bucket) const { return buckets_.Load(bucket).value_or(0); }

 private:
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
      GateAwait(&was_reset);  // who has ended may be forgotten
    });
    both.Go("committer", [&] {
      GateAwait(&found);
      buffer.Reset();
      GateOpen(&was_reset);
    });
    both.Wait();
  });
}
