// SPDX-License-Identifier: Apache-2.0
// trace_semaphore_of_two.cc: the wait of the reader takes the permit that was there from the start, not the one
// that the writer gave: nothing orders the two.
//
// link: trace
#include <semaphore.h>

#include <thread>

#include "tests/support/order.h"

int total;
static sem_t permits;
static Gate posted;

int main() {
  sem_init(&permits, 0, 1);
  std::thread writer([] {
    total = 1;
    sem_post(&permits);
    GateOpen(&posted);
  });
  std::thread reader([] {
    GateAwait(&posted);
    sem_wait(&permits);
    if (total == 7) sem_post(&permits);  // want race.data x1: total is read by T3 at .* and written by T2 at
  });
  writer.join();
  reader.join();
}
