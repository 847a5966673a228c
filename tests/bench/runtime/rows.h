// SPDX-License-Identifier: Apache-2.0
// rows.h: the frame of the whole-program benchmarks of task runtimes: stray_rows.cc, go_rows.go and
// boost_fiber_rows.cc do the same work under the same names and print "NAME NANOSECONDS" per line, per
// operation. Each row runs three times; the median counts, so the first run is also the warm-up.
//
//   PROGRAM [ROW...]    only these rows
#ifndef STRAY_TESTS_BENCH_RUNTIME_ROWS_H_
#define STRAY_TESTS_BENCH_RUNTIME_ROWS_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

namespace bench {

inline std::vector<const char*>& Wanted() {
  static std::vector<const char*> wanted;
  return wanted;
}

template <typename F>
void Row(const char* name, int operations, F run) {
  const auto is_this = [name](const char* wanted) { return strcmp(wanted, name) == 0; };
  if (!Wanted().empty() && std::none_of(Wanted().begin(), Wanted().end(), is_this)) return;
  std::array<double, 3> times;
  for (double& time : times) {
    const auto start = std::chrono::steady_clock::now();
    run();
    time = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(times.begin(), times.end());
  printf("%s %.2f\n", name, times[1] / operations);
  fflush(stdout);
}

// Resident memory of this process.
inline double ResidentBytes() {
  double kilobytes = 0;
  FILE* file = fopen("/proc/self/status", "r");
  for (char line[256]; file != nullptr && fgets(line, sizeof(line), file) != nullptr;) {
    if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1) break;
  }
  if (file != nullptr) fclose(file);
  return kilobytes * 1024;
}

// Of all three programs.
inline constexpr int kYielders = 100, kYields = 10'000;
inline constexpr int kSpawns = 200'000;
inline constexpr int kBatches = 200, kBatch = 1'000;
inline constexpr int kFanOut = 100'000;
inline constexpr int kRoundTrips = 300'000;
inline constexpr int kValues = 2'000'000, kBuffer = 128, kSides = 4;
inline constexpr int kSelects = 300'000;
inline constexpr int kLocks = 10'000'000;
inline constexpr int kLockers = 100, kLocksEach = 3'000;
inline constexpr int kPrimes = 700, kLastPrime = 5'279;
inline constexpr int kParked = 1'000'000;

}  // namespace bench

#endif  // STRAY_TESTS_BENCH_RUNTIME_ROWS_H_
