// SPDX-License-Identifier: Apache-2.0
// lock_order_test.cc: tests that pass, until the day when they hang.
//
// A shop's cart locks itself, then the stock; the stock's restocking thread locks the stock, then the cart:
//
//   customer                       supplier
//   lock(cart), lock(stock)        .                  goes well: the supplier has not started to lock
//   .                              lock(stock), lock(cart)
//
// This run cannot hang, since the customer is done before the supplier begins; the next machine's run may. The
// fix: the supplier notifies carts after it has unlocked the stock.
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>

class Shop {
 public:
  void Buy() {
    std::lock_guard lock_cart(cart_mutex_);
    std::lock_guard lock_stock(stock_mutex_);
    --in_stock_;
    ++in_cart_;
  }

  void Restock() {
    std::lock_guard lock_stock(stock_mutex_);
    in_stock_ += 10;
    std::lock_guard lock_cart(cart_mutex_);
    sees_new_stock_ = in_cart_ > 0;
  }

  int InStock() {
    std::lock_guard lock_stock(stock_mutex_);
    return in_stock_;
  }

 private:
  std::mutex cart_mutex_;
  std::mutex stock_mutex_;
  int in_stock_ = 1;
  int in_cart_ = 0;
  bool sees_new_stock_ = false;
};

TEST(ShopTest, RestocksAfterAPurchase) {
  Shop shop;
  std::promise<void> bought;
  std::thread supplier([&] {
    bought.get_future().wait();
    shop.Restock();
  });
  std::thread customer([&] {
    shop.Buy();
    bought.set_value();
  });
  customer.join();
  supplier.join();
  EXPECT_EQ(shop.InStock(), 10);
}
