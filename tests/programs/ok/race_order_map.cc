// SPDX-License-Identifier: Apache-2.0
// race_order_map.cc: what finds a value comes after what has stored it; what finds none, after what has deleted
// it.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/map.h>
#include <stray/wait_group.h>

#include <memory>

#include "tests/support/in_turn.h"

long stored, swapped, deleted, cleared, ranged;
static stray::Map<int, std::shared_ptr<long>> map;

int main() {
  return stray::Main([] {
    map.Store(2, nullptr);
    map.Store(3, nullptr);
    InTurn(
        [] {
          stored = 1;
          map.Store(1, std::make_shared<long>(1));
          swapped = 1;
          map.Swap(2, std::make_shared<long>(2));
          deleted = 1;
          map.Delete(3);
          map.Delete(3);
        },
        [] {
          if (map.Load(3)) return;
          deleted = 2;
          if (*map.LoadOrStore(1, nullptr).value != 1) return;
          stored = 2;
          if (*map.LoadAndDelete(2).value() != 2) return;
          swapped = 2;
        });
    InTurn(
        [] {
          ranged = 1;
          map.CompareAndSwap(1, *map.Load(1), std::make_shared<long>(10));
          cleared = 1;
        },
        [] {
          map.Range([](int, const std::shared_ptr<long>& value) { return *value != 10; });
          ranged = 2;
        });
    InTurn(
        [] {
          cleared = 1;
          map.Clear();
        },
        [] {
          if (map.LoadOrStore(1, nullptr).loaded) return;
          cleared = 2;
        });
    stray::WaitGroup all;
    for (int i = 0; i < 4; ++i) {
      all.Go([] {
        for (int j = 0; j < 200; ++j) {
          const auto mine = std::make_shared<long>(j);
          map.Store(j % 7, mine);
          if (const auto found = map.Load(j % 5); found && *found && **found > 200) stray::Panic("too much");
          map.Delete(j % 3);
        }
      });
    }
    all.Wait();
    return deleted == 2 && stored == 2 && swapped == 2 && ranged == 2 && cleared == 2 ? 0 : 1;
  });
}
