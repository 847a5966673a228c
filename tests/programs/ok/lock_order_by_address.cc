// SPDX-License-Identifier: Apache-2.0
// lock_order_by_address.cc: many locks of one class, always two at a time, always the lower address first.
#include <array>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

struct Account {
  std::mutex mutex;
  long balance = 1000;
};

static std::array<Account, 100> accounts;

static void Transfer(Account* from, Account* to) {
  if (from == to) return;
  Account *low = from, *high = to;
  if (std::less<>()(high, low)) std::swap(low, high);
  std::lock_guard<std::mutex> hold_low(low->mutex);
  std::lock_guard<std::mutex> hold_high(high->mutex);
  from->balance -= 1;
  to->balance += 1;
}

static void Work(unsigned seed) {
  for (int i = 0; i < 2000; ++i) {
    seed = seed * 1103515245 + 12345;
    Transfer(&accounts[(seed >> 8) % accounts.size()], &accounts[(seed >> 20) % accounts.size()]);
  }
}

int main() { std::jthread first(Work, 1), second(Work, 2), third(Work, 3); }
