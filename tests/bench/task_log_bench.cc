// SPDX-License-Identifier: Apache-2.0
// task_log_bench.cc: how fast dumps of goroutines are read, on one core: text in memory to an indexed Model.
//
//   task_log_bench [--benchmark_filter=...]     STRAY_BENCH_MIB: size of the dump, 200 by default
//
// Beside it the same text is cut into lines and nothing else: what reading it costs at least.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/load/task_log.h"

namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

size_t WantedBytes() {
  const char* mib = std::getenv("STRAY_BENCH_MIB");
  return (mib == nullptr ? 200 : std::strtoull(mib, nullptr, 10)) * kMebibyte;
}

void AddFrame(std::string& text, const std::string& function, uint64_t argument, const std::string& place) {
  absl::StrAppend(&text, function, "(0xc", absl::Hex(argument, absl::kZeroPad9), ", {0x",
                  absl::Hex(argument % 977), ", 0x20}, 0x1)\n\t/home/build/src/shop/", place, " +0x",
                  absl::Hex(argument % 251 + 16), "\n");
}

// A server with many requests: 40 places to wait at, arguments and numbers of their own for each goroutine.
std::string Dump(size_t bytes) {
  static constexpr const char* kReasons[] = {"chan receive", "select", "IO wait", "semacquire", "chan send"};
  std::string text;
  text.reserve(bytes + 4096);
  for (uint64_t id = 1; text.size() < bytes; ++id) {
    const uint64_t place = id % 40;
    absl::StrAppend(&text, "goroutine ", id, " [", kReasons[place % 5], id % 3 == 0 ? ", 12 minutes" : "",
                    "]:\n");
    for (uint64_t depth = 0; depth < 4 + place % 6; ++depth) {
      AddFrame(text, absl::StrCat("example.com/shop/cart.(*Server).handle", place, "_", depth),
               id * 7919 + depth, absl::StrCat("cart/handler", place, ".go:", 20 + depth));
    }
    absl::StrAppend(&text, "created by net/http.(*Server).Serve in goroutine ", id / 2 + 1,
                    "\n\t/usr/lib/go/src/net/http/server.go:3285 +0x4b4\n\n");
  }
  return text;
}

const std::string& BigDump() {
  static const std::string* const kDump = new std::string(Dump(WantedBytes()));
  return *kDump;
}

void CountMebibytes(benchmark::State& state) {
  const double mebibytes = static_cast<double>(BigDump().size()) / kMebibyte;
  state.counters["MiB"] = mebibytes;
  state.counters["MiB/s"] =
      benchmark::Counter(mebibytes * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void BM_ReadGoroutines(benchmark::State& state) {
  const std::string& dump = BigDump();
  size_t tasks = 0;
  for (auto _ : state) {
    stray::analyzer::Model model = stray::analyzer::ReadTaskLog(dump, "goroutines.txt");
    benchmark::DoNotOptimize(tasks = model.processes.front()->tasks.size());
    state.PauseTiming();
    model = {};
    state.ResumeTiming();
  }
  CountMebibytes(state);
  state.counters["goroutines"] = static_cast<double>(tasks);
}
BENCHMARK(BM_ReadGoroutines)->Unit(benchmark::kMillisecond);

void BM_CutIntoLines(benchmark::State& state) {
  const std::string& dump = BigDump();
  for (auto _ : state) {
    size_t lines = 0;
    for (const char* at = dump.data(); at != nullptr; ++lines) {
      at = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(dump.data() + dump.size() - at)));
      if (at != nullptr) ++at;
    }
    benchmark::DoNotOptimize(lines);
  }
  CountMebibytes(state);
}
BENCHMARK(BM_CutIntoLines)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
