// SPDX-License-Identifier: Apache-2.0
// heap_pairs.cc: what an allocation and its release cost, one after the other and a million at once:
// nanoseconds for a pair, as "name number" lines. `heap_pairs MIB` instead fills a heap of so many MiB with
// small linked blocks, says "parked", and lives until its input ends, with one thread that nobody can reach any
// more: for snapshots.
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double NanosecondsEach(Clock::time_point since, size_t pairs) {
  return std::chrono::duration<double, std::nano>(Clock::now() - since).count() / static_cast<double>(pairs);
}

// The compiler must not see that nobody uses the block.
void* Keep(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

void MeasurePairs() {
  constexpr size_t kPairs = 20'000'000, kBatch = 1'000'000;
  auto start = Clock::now();
  for (size_t i = 0; i < kPairs; ++i) free(Keep(malloc(40 + (i & 127))));
  std::printf("pair %f\n", NanosecondsEach(start, kPairs));
  std::vector<void*> blocks(kBatch);
  start = Clock::now();
  for (void*& block : blocks) block = Keep(malloc(64));
  for (void* block : blocks) free(block);
  std::printf("batch %f\n", NanosecondsEach(start, kBatch));
}

struct Node {
  Node* previous;
  Node* other;
  char rest[48];
};

struct Job {
  std::mutex mutex;
  std::condition_variable changed;
};

void Park(size_t mebibytes) {
  const size_t count = mebibytes * 1024 * 1024 / 80;  // with what the allocator adds
  std::vector<Node*> nodes;
  nodes.reserve(count);
  std::mt19937_64 random(1);
  for (size_t i = 0; i < count; ++i) {
    nodes.push_back(new Node{i == 0 ? nullptr : nodes.back(), i == 0 ? nullptr : nodes[random() % i], {}});
  }
  std::thread([job = std::make_unique<Job>()] {
    std::unique_lock lock(job->mutex);
    for (;;) job->changed.wait(lock);
  }).detach();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::puts("parked");
  std::fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  _exit(static_cast<int>(nodes.size() & 0));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2) Park(static_cast<size_t>(std::atoi(argv[1])));
  MeasurePairs();
}
