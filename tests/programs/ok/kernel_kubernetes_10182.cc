// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_10182.cc: the status is sent when the lock has been given back.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <map>
#include <mutex>
#include <string>

class StatusManager {
 public:
  void SetStatus(const std::string& pod) {
    {
      std::lock_guard guard(mutex_);
      statuses_[pod] = "running";
    }
    changed_.Send(pod);
  }
  void Sync() {
    for (const std::string& pod : changed_) Forget(pod);
  }
  void Close() { changed_.Close(); }

 private:
  void Forget(const std::string& pod) {
    std::lock_guard guard(mutex_);
    statuses_.erase(pod);
  }

  stray::RWMutex mutex_;
  std::map<std::string, std::string> statuses_;
  stray::Chan<std::string> changed_ = stray::MakeChan<std::string>();
};

int main() {
  return stray::Main([] {
    StatusManager manager;
    stray::WaitGroup syncer, setters;
    syncer.Go("syncer", [&manager] { manager.Sync(); });
    setters.Go("setter", [&manager] { manager.SetStatus("web"); });
    setters.Go("setter", [&manager] { manager.SetStatus("db"); });
    setters.Wait();
    manager.Close();
    syncer.Wait();
  });
}
