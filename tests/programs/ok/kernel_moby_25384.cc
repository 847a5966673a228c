// SPDX-License-Identifier: Apache-2.0
// kernel_moby_25384.cc: the wait stands behind the loop.
//
// link: runtime
// modes: gcc-O2
#include <stray/go.h>
#include <stray/wait_group.h>

#include <atomic>
#include <string>
#include <vector>

class PluginManager {
 public:
  void LoadAll(const std::vector<std::string>& plugins) {
    group_.Add(static_cast<int>(plugins.size()));
    for (const std::string& plugin : plugins) {
      stray::Go("plugin", [this, plugin] {
        Restore(plugin);
        group_.Done();
      });
    }
    group_.Wait();
  }

 private:
  void Restore(const std::string& plugin) { size_ += plugin.size(); }

  stray::WaitGroup group_;
  std::atomic<size_t> size_ = 0;
};

int main() {
  return stray::Main([] {
    PluginManager manager;
    stray::WaitGroup loader;
    loader.Go("loader", [&manager] { manager.LoadAll({"volume", "network"}); });
    loader.Wait();
  });
}
