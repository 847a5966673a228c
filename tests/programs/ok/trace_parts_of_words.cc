// SPDX-License-Identifier: Apache-2.0
// trace_parts_of_words.cc: threads write bytes side by side, and read them together when both have been joined.
//
// link: trace
#include <string.h>

#include <thread>

struct alignas(8) Message {
  char text[8];
};
Message message;

int main() {
  std::thread first([] { message.text[3] = 'x'; });
  std::thread second([] { message.text[4] = 'y'; });
  first.join();
  second.join();
  long whole;
  memcpy(&whole, &message, sizeof(whole));
  return whole != 0 ? 0 : 1;
}
