// SPDX-License-Identifier: Apache-2.0
// clean_test.cc: a thread that is started and joined: nothing for stray to report.
#include <thread>

int main() {
  int sum = 0;
  std::thread adder([&] { sum += 1; });
  adder.join();
  return sum == 1 ? 0 : 1;
}
