// SPDX-License-Identifier: Apache-2.0
// trace_heap_used_again.cc: threads that nothing orders get the same block from the heap, one after the other.
//
// link: trace
#include <stdlib.h>

#include <thread>

#include "tests/support/order.h"

struct Node {
  long value[6];
};
static Gate gone;
static void* old_block;

[[gnu::noinline]] static void Fill(Node* node, long value) {
  for (long& one : node->value) one = value;
}

int main() {
  std::thread first([] {
    auto* node = static_cast<Node*>(malloc(sizeof(Node)));
    Fill(node, 1);
    __atomic_store_n(&old_block, node, __ATOMIC_RELAXED);
    free(node);
    GateOpen(&gone);
  });
  std::thread second([] {
    GateAwait(&gone);
    // Until one is where the other was.
    void* blocks[4096];
    int count = 0;
    for (; count < 4096; ++count) {
      auto* node = static_cast<Node*>(malloc(sizeof(Node)));
      Fill(node, 2);
      blocks[count] = node;
      if (node == __atomic_load_n(&old_block, __ATOMIC_RELAXED)) break;
    }
    for (int i = 0; i <= count && i < 4096; ++i) free(blocks[i]);
  });
  first.join();
  second.join();
}
