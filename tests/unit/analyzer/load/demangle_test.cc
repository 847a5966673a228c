// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/demangle.h"

#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

TEST(DemangleTest, NamesOfCppAreWrittenOut) {
  EXPECT_EQ(Demangle("_ZN4shop4Cart5FlushEi"), "shop::Cart::Flush(int)");
  EXPECT_EQ(Demangle("_ZN12_GLOBAL__N_15InnerEv"), "(anonymous namespace)::Inner()");
}

TEST(DemangleTest, OtherNamesStayAsTheyAre) {
  EXPECT_EQ(Demangle("main"), "main");
  EXPECT_EQ(Demangle(""), "");
  EXPECT_EQ(Demangle("_Znothing"), "_Znothing");
  EXPECT_EQ(Demangle("runtime.futexsleep"), "runtime.futexsleep");
}

TEST(DemangleTest, ClonesAreTheirFunction) {
  EXPECT_EQ(Demangle("_ZN4Cart5FlushEv.part.0"), "Cart::Flush()");
  EXPECT_EQ(Demangle("_ZN4Cart5FlushEv.constprop.0.cold"), "Cart::Flush()");
}

TEST(DemangleTest, BothManglingsOfRustAreRead) {
  EXPECT_EQ(Demangle("_ZN2rs4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE"),
            "rs::main::{{closure}}::h0123456789abcdef");
  EXPECT_EQ(Demangle("_ZN52_$LT$shop..Cart$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE"),
            "<shop::Cart as core::ops::drop::Drop>::drop::h0123456789abcdef");
  EXPECT_EQ(Demangle("_RNvC4shop4main"), "shop::main");
}

}  // namespace
}  // namespace stray::analyzer
