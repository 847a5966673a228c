// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/function_name.h"

#include <string>

#include "analyzer/analysis/frames.h"
#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

struct NameCase {
  const char* name;     // as a demangler writes it
  const char* display;  // DisplayName
  const char* key;      // FunctionKey
  const char* bare;     // BareName
};

class FunctionNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(FunctionNameTest, IsShortenedForItsUse) {
  EXPECT_EQ(DisplayName(GetParam().name), GetParam().display);
  EXPECT_EQ(FunctionKey(GetParam().name), GetParam().key);
  EXPECT_EQ(BareName(GetParam().name), GetParam().bare);
}

constexpr NameCase kPlain[] = {
    {"main", "main", "main", "main"},
    {"", "", "", ""},
    {"Cart::Flush()", "Cart::Flush", "Cart::Flush", "Cart::Flush"},
    {"Cart::Total(int, char const*) const", "Cart::Total", "Cart::Total", "Cart::Total"},
    {"Cart::~Cart()", "Cart::~Cart", "Cart::~Cart", "Cart::~Cart"},
    {"::Global::Run()", "Global::Run", "Global::Run", "Global::Run"},
    {"(anonymous namespace)::Run(int)", "Run", "(anonymous namespace)::Run", "Run"},
    {"shop::(anonymous namespace)::Run(int)", "shop::Run", "shop::(anonymous namespace)::Run", "shop::Run"},
    {"non-virtual thunk to Cart::Run()", "Cart::Run", "Cart::Run", "Cart::Run"},
    {"Name[abi:cxx11](int)", "Name", "Name", "Name"},
    {"Cart::Name[abi:cxx11]() const &", "Cart::Name", "Cart::Name", "Cart::Name"},
};

constexpr NameCase kClones[] = {
    {"flush.part.0", "flush", "flush", "flush"},
    {"flush.constprop.0.isra.0", "flush", "flush", "flush"},
    {"flush.cold", "flush", "flush", "flush"},
    {"flush.llvm.1234567", "flush", "flush", "flush"},
    {"Cart::Flush() [clone .part.0] [clone .cold]", "Cart::Flush", "Cart::Flush", "Cart::Flush"},
    {"Cart::Flush() (.part.0)", "Cart::Flush", "Cart::Flush", "Cart::Flush"},
};

constexpr NameCase kTemplates[] = {
    {"std::vector<int, std::allocator<int> >::push_back(int const&)", "std::vector<int>::push_back",
     "std::vector<int>::push_back", "std::vector::push_back"},
    {"void Each<int>(int)", "Each<int>", "Each<int>", "Each"},
    {"std::vector<int, std::allocator<int> > Load<int>(char const*)", "Load<int>", "Load<int>", "Load"},
    {"unsigned long const& Max<unsigned long>(unsigned long const&)", "Max<unsigned long>",
     "Max<unsigned long>", "Max"},
    {"decltype (auto) Make<int>(int)", "Make<int>", "Make<int>", "Make"},
    {"Q<std::map<int, A, std::less<int>, std::allocator<std::pair<int const, A> > > >::Pop()",
     "Q<std::map<int, A>>::Pop", "Q<std::map<int, A>>::Pop", "Q::Pop"},
    {"Put<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > >(int)",
     "Put<std::string>", "Put<std::string>", "Put"},
    {"P<std::unique_ptr<Foo, std::default_delete<Foo> > >::Get()", "P<std::unique_ptr<Foo>>::Get",
     "P<std::unique_ptr<Foo>>::Get", "P::Get"},
    {"Call<void (*)(int, char), (Kind)3>::Run()", "Call<void (*)(int, char), (Kind)3>::Run",
     "Call<void (*)(int, char), (Kind)3>::Run", "Call::Run"},
    {"Long<a::VeryLongName, b::VeryLongName, c::VeryLongName, d::VeryLongName>::Run()", "Long<...>::Run",
     "Long<a::VeryLongName, b::VeryLongName, c::VeryLongName, d::VeryLongName>::Run", "Long::Run"},
};

constexpr NameCase kOperators[] = {
    {"Cart::operator()(int)", "Cart::operator()", "Cart::operator()", "Cart::operator()"},
    {"bool operator< <int>(A<int> const&, A<int> const&)", "operator<<int>", "operator<<int>", "operator<"},
    {"Cart::operator->()", "Cart::operator->", "Cart::operator->", "Cart::operator->"},
    {"std::ostream& operator<<(std::ostream&, Cart const&)", "operator<<", "operator<<", "operator<<"},
    {"Cart::operator bool() const", "Cart::operator bool", "Cart::operator bool", "Cart::operator bool"},
    {"Cart::operator std::vector<int>() const", "Cart::operator std::vector<int>",
     "Cart::operator std::vector<int>", "Cart::operator std::vector<int>"},
    {"operator new(unsigned long)", "operator new", "operator new", "operator new"},
    {"operator_table::Run()", "operator_table::Run", "operator_table::Run", "operator_table::Run"},
};

constexpr NameCase kLambdas[] = {
    {"main::{lambda()#1}::operator()() const", "main::{lambda#1}", "main::{lambda}", "main::{lambda}"},
    {"Worker::Run(int) const::{lambda(std::vector<int>)#2}::operator()(int) const", "Worker::Run::{lambda#2}",
     "Worker::Run::{lambda}", "Worker::Run::{lambda}"},
    {"main::'lambda'()::operator()() const", "main::{lambda#1}", "main::{lambda}", "main::{lambda}"},
    {"main::'lambda0'(int)::operator()(int) const", "main::{lambda#2}", "main::{lambda}", "main::{lambda}"},
    {"main::{lambda()#2}::operator()() const::{lambda()#1}::operator()() const", "main::{lambda#2}::{lambda#1}",
     "main::{lambda}::{lambda}", "main::{lambda}::{lambda}"},
    {"main::{lambda(void*)#1}::_FUN(void*)", "main::{lambda#1}", "main::{lambda}", "main::{lambda}"},
    {"main::$_0::__invoke(void*)", "main::{lambda#1}", "main::{lambda}", "main::{lambda}"},
    {"main::$_0::operator()() const", "main::{lambda#1}", "main::{lambda}", "main::{lambda}"},
    {"void std::__invoke_impl<void, main::{lambda()#1}>(std::__invoke_other, main::{lambda()#1}&&)",
     "std::__invoke_impl<void, main::{lambda#1}>", "std::__invoke_impl<void, main::{lambda}>",
     "std::__invoke_impl"},
    {"std::__invoke<main::'lambda'(int)>(int)", "std::__invoke<main::{lambda#1}>",
     "std::__invoke<main::{lambda}>", "std::__invoke"},
};

constexpr NameCase kInlineNamespaces[] = {
    {"std::__1::future<int>::get()", "std::future<int>::get", "std::future<int>::get", "std::future::get"},
    {"std::chrono::_V2::steady_clock::now()", "std::chrono::steady_clock::now",
     "std::chrono::steady_clock::now", "std::chrono::steady_clock::now"},
    {"absl::debian3::Mutex::Lock()", "absl::Mutex::Lock", "absl::Mutex::Lock", "absl::Mutex::Lock"},
    {"absl::lts_20220623::Mutex::Lock()", "absl::Mutex::Lock", "absl::Mutex::Lock", "absl::Mutex::Lock"},
};

constexpr NameCase kOtherLanguages[] = {
    {"main.(*Server).Run", "main.(*Server).Run", "main.(*Server).Run", "main.(*Server).Run"},
    {"runtime.futexsleep", "runtime.futexsleep", "runtime.futexsleep", "runtime.futexsleep"},
    {"std::thread::park::h0123456789abcdef", "std::thread::park", "std::thread::park", "std::thread::park"},
    {"<shop::Cart as core::ops::Drop>::drop", "<shop::Cart as core::ops::Drop>::drop",
     "<shop::Cart as core::ops::Drop>::drop", "<shop::Cart as core::ops::Drop>::drop"},
    {"<shop::Cart>::wait::<shop::Guard>", "<shop::Cart>::wait<shop::Guard>", "<shop::Cart>::wait<shop::Guard>",
     "<shop::Cart>::wait"},
    {"shop::main::{closure#0}", "shop::main::{closure#0}", "shop::main::{closure}", "shop::main::{closure}"},
};

constexpr NameCase kDamaged[] = {
    {"Cart<int", "Cart<int", "Cart<int", "Cart<int"},
    {"Cart>::Run()", "Cart>::Run", "Cart>::Run", "Cart>::Run"},
    {"()", "()", "()", "()"},
    {"'lambda", "'lambda", "'lambda", "'lambda"},
};

INSTANTIATE_TEST_SUITE_P(Plain, FunctionNameTest, testing::ValuesIn(kPlain));
INSTANTIATE_TEST_SUITE_P(Clones, FunctionNameTest, testing::ValuesIn(kClones));
INSTANTIATE_TEST_SUITE_P(Templates, FunctionNameTest, testing::ValuesIn(kTemplates));
INSTANTIATE_TEST_SUITE_P(Operators, FunctionNameTest, testing::ValuesIn(kOperators));
INSTANTIATE_TEST_SUITE_P(Lambdas, FunctionNameTest, testing::ValuesIn(kLambdas));
INSTANTIATE_TEST_SUITE_P(InlineNamespaces, FunctionNameTest, testing::ValuesIn(kInlineNamespaces));
INSTANTIATE_TEST_SUITE_P(OtherLanguages, FunctionNameTest, testing::ValuesIn(kOtherLanguages));
INSTANTIATE_TEST_SUITE_P(Damaged, FunctionNameTest, testing::ValuesIn(kDamaged));

TEST(FunctionNameDepthTest, DeepNestingEndsInAnEllipsis) {
  constexpr size_t kDepth = 20000;
  std::string name = "Run";
  for (size_t i = 0; i < kDepth; ++i) name += "<A";
  name += std::string(kDepth, '>') + "()";
  EXPECT_NE(FunctionKey(name).find("<...>"), std::string::npos);
}

TEST(FunctionNameGroupTest, ComparisonOperatorsDoNotOpenGroups) {
  EXPECT_EQ(EndOfGroup("<&A::operator<, int>::Run", 0), 20u);
  EXPECT_EQ(EndOfGroup("(a->b)", 0), 6u);
  EXPECT_EQ(EndOfGroup("(a]", 0), absl::string_view::npos);
}

}  // namespace
}  // namespace stray::analyzer
