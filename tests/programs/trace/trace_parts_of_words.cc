// SPDX-License-Identifier: Apache-2.0
// trace_parts_of_words.cc: a byte that one thread writes is a part of the word that the other one reads.
//
// link: trace
#include <string.h>

#include <thread>

#include "tests/support/order.h"

struct alignas(8) Message {
  char text[8];
};
Message message;
static Gate written;

int main() {
  std::thread first([] {
    message.text[3] = 'x';
    GateOpen(&written);
  });
  std::thread second([] {
    GateAwait(&written);
    message.text[4] = 'y';  // another byte
    long whole;
    // want race.data x1: message.* is read by T3 at .* and written by T2 at
    memcpy(&whole, &message, sizeof(whole));
    if (whole == 0) message.text[4] = 'z';
  });
  first.join();
  second.join();
}
