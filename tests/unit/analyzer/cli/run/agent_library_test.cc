// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/agent_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;

class AgentLibraryTest : public testing::Test {
 protected:
  AgentLibraryTest() {
    char name[] = "/tmp/stray_prefix_XXXXXX";
    prefix_ = mkdtemp(name);
  }
  ~AgentLibraryTest() override { std::filesystem::remove_all(prefix_); }

  std::string Put(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(prefix_ + path).parent_path());
    std::ofstream(prefix_ + path) << "agent";
    return prefix_ + path;
  }
  std::string Find(const std::string& fallback = "") {
    const auto found = FindAgentLibraryFor(prefix_ + "/bin/stray", fallback);
    return found.ok() ? *found : "";
  }

  std::string prefix_;
};

TEST_F(AgentLibraryTest, BuildTreeComesBeforeInstalledPlaceBeforeFallback) {
  const std::string fallback = Put("/elsewhere/agent.so");
  EXPECT_EQ(Find(fallback), fallback);
  const std::string installed = Put("/lib/stray/libstray_agent.so");
  EXPECT_EQ(Find(fallback), installed);
  const std::string built = Put("/lib/libstray_agent.so");
  EXPECT_EQ(Find(fallback), built);
}

TEST_F(AgentLibraryTest, FailureNamesThePlacesAndTheWayOut) {
  const auto found = FindAgentLibraryFor(prefix_ + "/bin/stray", "");
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(std::string(found.status().message()), HasSubstr(prefix_ + "/lib/libstray_agent.so"));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("STRAY_AGENT"));
}

}  // namespace
}  // namespace stray::analyzer
