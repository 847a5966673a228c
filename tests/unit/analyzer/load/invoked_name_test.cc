// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/invoked_name.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace stray::analyzer {
namespace {

class InvokedNameTest : public testing::Test {
 protected:
  InvokedNameTest() {
    char name[] = "/tmp/stray_invoked_XXXXXX";
    folder_ = mkdtemp(name);
    std::ofstream(folder_ + "/redis-check-rdb") << "x";
    std::ofstream(folder_ + "/other") << "x";
    std::filesystem::create_symlink("redis-check-rdb", folder_ + "/redis-server");
    process_.set_program(folder_ + "/redis-check-rdb");
    process_.set_working_directory(folder_);
  }
  ~InvokedNameTest() override { std::filesystem::remove_all(folder_); }

  std::string NameOf(const std::string& argument) {
    process_.clear_arguments();
    process_.add_arguments(argument);
    return InvokedName(process_);
  }

  std::string folder_;
  wire::Process process_;
};

TEST_F(InvokedNameTest, AnotherNameOfTheSameFileIsTaken) {
  EXPECT_EQ(NameOf(folder_ + "/redis-server"), "redis-server");
  EXPECT_EQ(NameOf("./redis-server"), "redis-server");
}

TEST_F(InvokedNameTest, TheSearchPathIsFollowed) {
  EXPECT_EQ(NameOf("redis-server"), "");
  const std::string before = getenv("PATH");
  setenv("PATH", (before + ":" + folder_).c_str(), 1);
  EXPECT_EQ(NameOf("redis-server"), "redis-server");
  setenv("PATH", before.c_str(), 1);
}

TEST_F(InvokedNameTest, WhatAProgramCallsItselfIsNotBelieved) {
  EXPECT_EQ(NameOf(folder_ + "/redis-check-rdb"), "");
  EXPECT_EQ(NameOf(folder_ + "/other"), "");
  EXPECT_EQ(NameOf("redis-server: waiting"), "");
  EXPECT_EQ(NameOf(""), "");
  process_.clear_arguments();
  EXPECT_EQ(InvokedName(process_), "");
}

}  // namespace
}  // namespace stray::analyzer
