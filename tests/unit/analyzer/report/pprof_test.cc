// SPDX-License-Identifier: Apache-2.0
// The rules of profile.proto. tests/cli/profiles_test.py gives profiles to `go tool pprof`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <set>

#include "absl/strings/str_split.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/pprof/profile.pb.h"
#include "analyzer/report/task_profile.h"
#include "tests/support/random_model.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::string Unzipped(const std::string& bytes) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string result(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  result.resize(stream.total_out);
  inflateEnd(&stream);
  return result;
}

pprof::Profile Written(const Model& model, const ProfileOptions& options) {
  pprof::Profile profile;
  EXPECT_TRUE(profile.ParseFromString(Unzipped(PprofProfile(MakeTaskProfile(model, Analyze(model), options)))));
  return profile;
}

template <typename Records>
std::set<uint64_t> IdsOf(const Records& records) {
  std::set<uint64_t> ids;
  for (const auto& record : records) {
    EXPECT_NE(record.id(), 0u);
    EXPECT_TRUE(ids.insert(record.id()).second) << "twice: " << record.id();
  }
  return ids;
}

void ExpectWhole(const pprof::Profile& profile) {
  ASSERT_GT(profile.string_table_size(), 0);
  EXPECT_EQ(profile.string_table(0), "");
  EXPECT_EQ(std::set<std::string>(profile.string_table().begin(), profile.string_table().end()).size(),
            static_cast<size_t>(profile.string_table_size()));
  const std::set<uint64_t> mappings = IdsOf(profile.mapping());
  const std::set<uint64_t> functions = IdsOf(profile.function());
  const std::set<uint64_t> locations = IdsOf(profile.location());
  for (const pprof::Location& location : profile.location()) {
    EXPECT_TRUE(location.mapping_id() == 0 || mappings.count(location.mapping_id()) == 1);
    for (const pprof::Line& line : location.line()) EXPECT_EQ(functions.count(line.function_id()), 1u);
  }
  for (const pprof::Sample& sample : profile.sample()) {
    EXPECT_EQ(sample.value_size(), profile.sample_type_size());
    for (uint64_t id : sample.location_id()) EXPECT_EQ(locations.count(id), 1u);
    std::set<int64_t> keys;
    for (const pprof::Label& label : sample.label()) EXPECT_TRUE(keys.insert(label.key()).second);
  }
}

TEST(PprofTest, EveryProfileKeepsTheRules) {
  const Model model = ShopModel("label { task: 4 key: \"request\" value: \"42\" }\n");
  for (const std::string& name : ProfileNames()) {
    for (const bool per_task : {false, true}) {
      const pprof::Profile profile = Written(model, {.kind = *ProfileOfName(name), .per_task = per_task});
      ExpectWhole(profile);
      const bool contention = IsContention(*ProfileOfName(name));
      EXPECT_EQ(profile.string_table(static_cast<int>(profile.period_type().type())),
                contention ? "contentions" : name);
      EXPECT_EQ(profile.period(), 1);
      EXPECT_EQ(profile.string_table(static_cast<int>(profile.default_sample_type())),
                contention ? "delay" : name);
    }
  }
}

TEST(PprofTest, AProfileOfADumpThatMakesNoSenseKeepsThemToo) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Model model = test::RandomModel(seed);
    for (const auto& process : model.processes) process->Index();
    for (const std::string& name : ProfileNames()) ExpectWhole(Written(model, {.kind = *ProfileOfName(name)}));
  }
}

TEST(PprofTest, AProfileOfNothingIsWholeToo) {
  ExpectWhole(Written(ShopModel(), {.kind = ProfileKind::kThreadCreate}));
  const Model empty;
  ExpectWhole(Written(empty, {}));
}

TEST(PprofTest, AddressesLieInTheCallAndTheProgramIsTheFirstMapping) {
  const pprof::Profile profile =
      Written(ShopModel("stack { id: 8 addresses: [0x401600] first_is_exact: true }\n"
                        "task_state { task: 9 state: \"running\" stack: 8 }\n"),
              {});
  std::set<uint64_t> addresses;
  for (const pprof::Location& location : profile.location()) addresses.insert(location.address());
  EXPECT_EQ(addresses.count(0x4010ff), 1u);
  EXPECT_EQ(addresses.count(0x401100), 0u);
  EXPECT_EQ(addresses.count(0x401600), 1u) << "it is no return address";
  EXPECT_EQ(addresses.count(0x4015ff), 1u) << "in another stack it is";
  ASSERT_GT(profile.mapping_size(), 0);
  EXPECT_EQ(profile.string_table(static_cast<int>(profile.mapping(0).filename())),
            "/home/dev/shop/build/cart_test");
  EXPECT_TRUE(profile.mapping(0).has_functions());
}

TEST(PprofTest, InlinedFunctionsAreLinesOfOneLocationInnermostFirst) {
  const pprof::Profile profile = Written(ShopModel(), {});
  for (const pprof::Location& location : profile.location()) {
    if (location.address() != 0x4011ff) continue;
    std::vector<std::string> names;
    for (const pprof::Line& line : location.line())
      names.push_back(profile.string_table(
          static_cast<int>(profile.function(static_cast<int>(line.function_id()) - 1).name())));
    EXPECT_THAT(names, ElementsAre("std::mutex::lock", "Ledger::Append"));
    return;
  }
  FAIL() << "no such location";
}

std::vector<std::string> HiddenBy(const pprof::Profile& profile) {
  return absl::StrSplit(profile.string_table(static_cast<int>(profile.drop_frames())), '|');
}

TEST(PprofTest, WhatStandsBelowUserCodeOnlyIsHidden) {
  const pprof::Profile profile = Written(ShopModel(), {});
  EXPECT_THAT(HiddenBy(profile), IsSupersetOf({"pthread_mutex_lock", "std::mutex::lock", "sem_wait"}));
  EXPECT_THAT(HiddenBy(profile), Not(Contains("Cart::Total")));
  EXPECT_THAT(HiddenBy(profile), Not(Contains("read"))) << "a program may have such a function";
  // Called by user code in one stack, and calling it in another: hiding it would hide that, too.
  const pprof::Profile both =
      Written(ShopModel("stack { id: 8 addresses: [0x401600, 0x7f0000001100, 0x401600] }\n"
                        "task_state { task: 9 state: \"running\" stack: 8 }\n"),
              {});
  EXPECT_THAT(HiddenBy(both), Not(Contains("pthread_mutex_lock")));
  EXPECT_THAT(HiddenBy(both), Contains("std::mutex::lock"));
}

}  // namespace
}  // namespace stray::analyzer
