// SPDX-License-Identifier: Apache-2.0
// kernel_moby_4951.cc: who deletes a device holds its lock, lets the lock of the set go for a while, and takes
// it again; a second delete has the set by then and waits for the device. After a kernel of GoBench (CGO 2021).
//
//   first                    second
//   Lock set, Lock device    .
//   Unlock set               .
//   .                        Lock set
//   .                        Lock device     waits for the first
//   Lock set                 .               waits for the second
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/mutex.h>

#include <map>
#include <mutex>
#include <string>

#include "tests/support/parked.h"

struct Device {
  stray::Mutex mutex;
  bool deleted = false;
};

class DeviceSet {
 public:
  void Delete(const std::string& id) {
    mutex_.Lock();
    Device& device = devices_[id];
    std::lock_guard guard(device.mutex);  // want deadlock.cycle x1: "second" .*\[sync.Mutex.Lock\]
    if (!device.deleted) AwaitRemoval(device);
    device.deleted = true;
    mutex_.Unlock();
  }
  Device& Find(const std::string& id) { return devices_[id]; }
  const stray::Milestone& removing() const { return removing_; }
  const stray::Mutex& mutex() const { return mutex_; }

 private:
  // With both locked; the kernel takes its time, and the others go on meanwhile.
  void AwaitRemoval(Device& device) {
    mutex_.Unlock();
    removing_.Reach();
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &device.mutex);
    mutex_.Lock();  // want deadlock.cycle x1: "first" .*\[sync.Mutex.Lock\]
  }

  stray::Mutex mutex_;
  std::map<std::string, Device> devices_;
  stray::Milestone removing_;
};

int main() {
  return stray::Main([] {
    static DeviceSet set;
    set.Find("thin-1");
    stray::Go("first", [] { set.Delete("thin-1"); });
    set.removing().Await();
    stray::Go("second", [] { set.Delete("thin-1"); });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &set.mutex());
  });
}
