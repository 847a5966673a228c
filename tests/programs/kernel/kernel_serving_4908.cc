// SPDX-License-Identifier: Apache-2.0
// kernel_serving_4908.cc: a watcher that a sub-test has started logs through the handle of that sub-test, which
// has ended.
//
//   watcher                     main
//   .                           sub-test ends: its log is passed on
//   Logf                        .
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

#include "tests/support/order.h"

static Gate has_ended, was_logged;

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
  void Logf(const std::string& line) {
    // want race.data: written by G\d+ "watcher" at .* and read by .*main.* at
    lines_ += line;
  }

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
      watchers.Go("watcher", [subtest] {
        GateAwait(&has_ended);
        subtest->Logf("changed");
        GateOpen(&was_logged);
      });
    });
    GateOpen(&has_ended);
    GateAwait(&was_logged);  // who has ended may be forgotten
    watchers.Wait();
  });
}
