// SPDX-License-Identifier: Apache-2.0
// timeout_context.cc: one deadline for a whole call, however many functions and goroutines it goes through.
//
// When: a request has a time limit, and everything that is done for it should stop when that is over.
// Without the cancel at the end: a context that is done early keeps its timer until the deadline.
//
// prints: quick query: ok
// prints: slow query: context deadline exceeded
#include <stray/stray.h>

#include <chrono>
#include <cstdio>
#include <string>

using namespace std::chrono_literals;

static stray::Error Query(const stray::Context& context, std::chrono::milliseconds takes) {
  const stray::Timer work = stray::NewTimer(takes);
  const size_t first = stray::Select(stray::OnRecv(work.C()), stray::OnRecv(context.Done()));
  work.Stop();
  return first == 0 ? stray::Error() : context.Err();
}

static void Handle(const char* name, std::chrono::milliseconds limit, std::chrono::milliseconds takes) {
  auto [context, cancel] = stray::WithTimeout(stray::Background(), limit);
  const stray::Error error = Query(context, takes);
  cancel();
  std::printf("%s query: %s\n", name, error ? std::string(error.Text()).c_str() : "ok");
}

int main() {
  return stray::Main([] {
    Handle("quick", 10000ms, 1ms);
    Handle("slow", 5ms, 10000ms);
  });
}
