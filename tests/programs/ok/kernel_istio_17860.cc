// SPDX-License-Identifier: Apache-2.0
// kernel_istio_17860.cc: an epoch that ends tells it to the loop, or sees that nobody is to be told any more.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <map>
#include <mutex>
#include <string>

class Agent {
 public:
  void Restart(const std::string& config) {
    std::lock_guard guard(mutex_);
    const int epoch = next_epoch_++;
    active_[epoch] = config;
    epochs_.Go("epoch", [this, epoch] { stray::Select(stray::OnSend(status_, epoch), stray::OnRecv(ended_)); });
  }
  void Run(const stray::Context& context) {
    for (bool done = false; !done;) {
      stray::Select(stray::OnRecv(status_, [&](std::optional<int> epoch) { done = NoneIsLeftAfter(*epoch); }),
                    stray::OnRecv(context.Done(), [&done](auto) { done = true; }));
    }
    ended_.Close();
  }
  void AwaitEpochs() { epochs_.Wait(); }

 private:
  bool NoneIsLeftAfter(int epoch) {
    std::lock_guard guard(mutex_);
    active_.erase(epoch);
    return active_.empty();
  }

  stray::Mutex mutex_;
  std::map<int, std::string> active_;
  int next_epoch_ = 0;
  stray::WaitGroup epochs_;
  stray::Chan<int> status_ = stray::MakeChan<int>();
  stray::Chan<stray::Unit> ended_ = stray::MakeChan<stray::Unit>();
};

int main() {
  return stray::Main([] {
    Agent agent;
    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup running;
    running.Go("agent", [&agent, context = context] { agent.Run(context); });
    agent.Restart("one");
    running.Wait();
    agent.Restart("two");
    agent.AwaitEpochs();
    cancel();
  });
}
