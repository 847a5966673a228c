// SPDX-License-Identifier: Apache-2.0
// race_order_atomic.cc: what sees a value comes after what has stored it: of a machine's word and of anything
// else.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/atomic.h>
#include <stray/wait_group.h>

#include <memory>
#include <string>

#include "tests/support/in_turn.h"

long by_word, by_add, by_failed, by_text, by_swap;
static stray::Atomic<int> word, counter, taken;
static stray::Atomic<std::string> text, swapped;
static stray::Atomic<std::shared_ptr<const std::string>> config;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          by_word = 1;
          word.Store(1);
          by_add = 1;
          counter.Add(1);
          by_failed = 1;
          taken.Swap(1);
          by_text = 1;
          text.Store("a text that is too long to be stored in place");
          by_swap = 1;
          swapped.Store("another text that is too long to be stored in place");
        },
        [] {
          if (word.Load() != 1) return;
          by_word = 2;
          if (counter.Add(1) != 2) return;
          by_add = 2;
          if (taken.CompareAndSwap(0, 1)) return;
          by_failed = 2;
          if (text.Load().empty()) return;
          by_text = 2;
          if (swapped.Swap("").empty()) return;
          by_swap = 2;
        });
    stray::WaitGroup all;
    for (int i = 0; i < 4; ++i) {
      all.Go([] {
        for (int j = 0; j < 100; ++j) {
          config.Store(std::make_shared<std::string>("a text that is too long to be stored in place"));
          if (config.Load()->size() != 45) stray::Panic("another text");
        }
      });
    }
    all.Wait();
    return by_word + by_add + by_failed + by_text + by_swap == 10 ? 0 : 1;
  });
}
