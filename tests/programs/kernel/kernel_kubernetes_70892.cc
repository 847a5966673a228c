// SPDX-License-Identifier: Apache-2.0
// kernel_kubernetes_70892.cc: nodes are rated in parallel, a piece of work for each node, but each piece goes
// over the ratings of all of them.
//
//   worker, piece 0                worker, piece 1
//   ratings[0], ratings[1]         .
//   .                              ratings[0], ratings[1]
//
// GoBench (CGO 2021): kubernetes_70892.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/stray.h>

#include <vector>

#include "tests/support/order.h"

static Gate first_rated, second_rated;

// Calls `do_piece` with 0 to pieces-1, in `workers` goroutines, until all is done or not wanted any more.
template <typename F>
static void ParallelizeUntil(const stray::Context& context, int workers, int pieces, F do_piece) {
  const auto to_do = stray::MakeChan<int>(pieces);
  for (int piece = 0; piece < pieces; ++piece) to_do.Send(piece);
  to_do.Close();
  stray::WaitGroup all;
  for (int i = 0; i < workers; ++i) {
    all.Go("worker", [=, &do_piece] {
      for (int piece : to_do) {
        const size_t chosen = stray::Select(stray::OnRecv(context.Done()), stray::OnDefault());
        if (chosen == 0) return;
        do_piece(piece);
      }
    });
  }
  all.Wait();
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const std::vector<int> weights = {1, 2};
    std::vector<int> ratings(2);
    ParallelizeUntil(stray::Background(), 2, 2, [&](int node) {
      if (node == 1) GateAwait(&first_rated);
      for (size_t i = 0; i < ratings.size(); ++i) {
        // want race.data x1: by G\d+ "worker" at .* by G\d+ "worker" at
        ratings[i] = ratings[i] + weights[node];
      }
      GateOpen(node == 0 ? &first_rated : &second_rated);
      GateAwait(&second_rated);  // who has ended may be forgotten
    });
  });
}
