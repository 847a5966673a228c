// SPDX-License-Identifier: Apache-2.0
// trace_semaphore_of_two.cc: the reader waits for both permits, one of which is the writer's.
//
// link: trace
#include <semaphore.h>

#include <thread>

int total;
static sem_t permits;

int main() {
  sem_init(&permits, 0, 1);
  std::thread writer([] {
    total = 1;
    sem_post(&permits);
  });
  std::thread reader([] {
    sem_wait(&permits);
    sem_wait(&permits);
    if (total == 7) sem_post(&permits);
  });
  writer.join();
  reader.join();
}
