// SPDX-License-Identifier: Apache-2.0
// racy.cc: two threads count in one plain variable.
#include <thread>

int counter = 0;

int main() {
  std::thread other([] { ++counter; });
  ++counter;
  other.join();
  return 0;
}
