// SPDX-License-Identifier: Apache-2.0
// kernel_serving_4908.cc: a sub-test waits for the watcher that it has started, which logs through its handle.
//
// GoBench (CGO 2021): serving_4908.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

#include <memory>
#include <string>
#include <vector>

// The handle of a test, as libraries of tests have it: what is logged belongs to the test until it ends.
class Test {
 public:
  template <typename F>
  void Run(F f) {
    subtests_.push_back(std::make_unique<Test>());
    Test* subtest = subtests_.back().get();
    f(subtest);
    lines_ += subtest->lines_;
  }
  void Logf(const std::string& line) { lines_ += line; }

 private:
  std::string lines_;
  std::vector<std::unique_ptr<Test>> subtests_;
};

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    Test test;
    stray::WaitGroup watchers;
    test.Run([&](Test* subtest) {
      watchers.Go("watcher", [subtest] { subtest->Logf("changed"); });
      watchers.Wait();
    });
  });
}
