// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/listen_address.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

std::string TextOf(absl::string_view text) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  return address.ok() ? address->Text() : "bad";
}

TEST(ListenAddress, Forms) {
  EXPECT_EQ(TextOf("127.0.0.1:6060"), "http://127.0.0.1:6060");
  EXPECT_EQ(TextOf(":6060"), "http://127.0.0.1:6060");
  EXPECT_EQ(TextOf("6060"), "http://127.0.0.1:6060");
  EXPECT_EQ(TextOf("[::1]:6060"), "http://[::1]:6060");
  EXPECT_EQ(TextOf("localhost:0"), "http://localhost:0");
  EXPECT_EQ(TextOf("unix:/run/app.sock"), "unix:/run/app.sock");
}

TEST(ListenAddress, BadOnes) {
  for (const char* text :
       {"", "here", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "unix:"}) {
    EXPECT_EQ(TextOf(text), "bad") << text;
  }
}

TEST(ListenAddress, WhoGetsThere) {
  for (const char* text : {":1", "localhost:1", "127.1.2.3:1", "[::1]:1", "unix:/a"}) {
    EXPECT_TRUE(ParseListenAddress(text)->IsLocal()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "example.org:1", "10.0.0.1:1"}) {
    EXPECT_FALSE(ParseListenAddress(text)->IsLocal()) << text;
  }
}

TEST(ListenAddress, APortIsTakenOnce) {
  ListenAddress first = *ParseListenAddress(":0");
  const absl::StatusOr<FileDescriptor> open = Listen(first);
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_NE(first.port, 0);
  ListenAddress second = first;
  EXPECT_EQ(Listen(second).status().message(),
            absl::string_view("cannot listen at " + first.Text() + ": Address already in use"));
}

}  // namespace
}  // namespace stray::analyzer
