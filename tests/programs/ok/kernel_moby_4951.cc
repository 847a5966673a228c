// SPDX-License-Identifier: Apache-2.0
// kernel_moby_4951.cc: the device is locked before the set, by everybody.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

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
    Device& device = Find(id);
    std::lock_guard guard(device.mutex);
    mutex_.Lock();
    if (!device.deleted) AwaitRemoval(device);
    device.deleted = true;
    mutex_.Unlock();
  }
  Device& Find(const std::string& id) {
    std::lock_guard guard(mutex_);
    return devices_[id];
  }

 private:
  void AwaitRemoval(Device& device) {
    mutex_.Unlock();
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &device.mutex);
    mutex_.Lock();
  }

  stray::Mutex mutex_;
  std::map<std::string, Device> devices_;
};

int main() {
  return stray::Main([] {
    DeviceSet set;
    stray::WaitGroup both;
    both.Go("first", [&set] { set.Delete("thin-1"); });
    both.Go("second", [&set] { set.Delete("thin-1"); });
    both.Wait();
  });
}
