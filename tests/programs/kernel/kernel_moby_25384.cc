// SPDX-License-Identifier: Apache-2.0
// kernel_moby_25384.cc: the wait for all plugins stands inside the loop that starts them: after the first it
// waits for those that have not been started. After a kernel of GoBench (CGO 2021).
//
// link: runtime
// modes: gcc-O2
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/wait_group.h>

#include <string>
#include <vector>

#include "tests/support/parked.h"

class PluginManager {
 public:
  void LoadAll(const std::vector<std::string>& plugins) {
    group_.Add(static_cast<int>(plugins.size()));
    for (const std::string& plugin : plugins) {
      stray::Go("plugin", [this, plugin] {
        Restore(plugin);
        group_.Done();
        restored_.Reach();
      });
      // want leak.blocked x1: "loader" waits in sync.WaitGroup.Wait .* "plugin" at .*, which has ended since
      group_.Wait();
    }
  }
  void AwaitLoaderParked() {
    restored_.Await();
    stray::AwaitParked(stray::WaitReason::kSyncWaitGroupWait, &group_);
  }

 private:
  void Restore(const std::string& plugin) { size_ += plugin.size(); }

  stray::WaitGroup group_;
  stray::Milestone restored_;
  size_t size_ = 0;
};

int main() {
  return stray::Main([] {
    static PluginManager manager;
    stray::Go("loader", [] { manager.LoadAll({"volume", "network"}); });
    manager.AwaitLoaderParked();
  });
}
