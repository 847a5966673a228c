// SPDX-License-Identifier: Apache-2.0
// race_append.cc: two goroutines send what one of them appends to a vector.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>

#include <vector>

#include "tests/support/in_turn.h"

static std::vector<int> results;

int main() {
  return stray::Main([] {
    const auto values = stray::MakeChan<int>(2);
    InTurn([=] { values.Send(1); }, [=] { values.Send(2); });
    values.Close();
    for (int value : values) results.push_back(value);
    return results.size() == 2 ? 0 : 1;
  });
}
