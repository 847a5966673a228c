// SPDX-License-Identifier: Apache-2.0
// Descriptors.
#include "stray/io.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "stray/channel.h"
#include "stray/stray.h"
#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

using std::chrono::milliseconds;

struct Pair {
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0); }
  ~Pair() {
    for (int fd : ends) close(fd);
  }
  int ends[2];
};

const void* FdObject(int fd) { return reinterpret_cast<const void*>(static_cast<long>(fd)); }

TEST(IoTest, ReaderWaitsForWriter) {
  Pair pair;
  char buffer[16];
  WaitGroup group;
  group.Go([&] {
    const IoResult got = Read(pair.ends[0], buffer, sizeof(buffer));
    EXPECT_FALSE(got.error);
    EXPECT_EQ(std::string(buffer, got.count), "hello");
  });
  AwaitParked(WaitReason::kIoWait, FdObject(pair.ends[0]));
  EXPECT_EQ(Write(pair.ends[1], "hello", 5).count, 5u);
  group.Wait();
}

TEST(IoTest, EndOfFileIsNoError) {
  Pair pair;
  char buffer[16];
  WaitGroup group;
  group.Go([&] {
    const IoResult got = Read(pair.ends[0], buffer, sizeof(buffer));
    EXPECT_FALSE(got.error);
    EXPECT_EQ(got.count, 0u);
  });
  shutdown(pair.ends[1], SHUT_WR);
  group.Wait();
}

TEST(IoTest, WriteWritesAllOfIt) {
  Pair pair;
  const std::string sent(4'000'000, 'x');
  std::string received;
  WaitGroup group;
  group.Go([&] { EXPECT_EQ(Write(pair.ends[0], sent.data(), sent.size()).count, sent.size()); });
  char buffer[65536];
  while (received.size() < sent.size()) {
    const IoResult got = Read(pair.ends[1], buffer, sizeof(buffer));
    ASSERT_FALSE(got.error);
    received.append(buffer, got.count);
  }
  group.Wait();
  EXPECT_EQ(received, sent);
}

TEST(IoTest, DeadlinesPass) {
  Pair pair;
  char byte;
  const Time deadline = Time::clock::now() + milliseconds(2);
  EXPECT_EQ(Read(pair.ends[0], &byte, 1, deadline).error, std::errc::timed_out);
  EXPECT_GE(Time::clock::now(), deadline);
  EXPECT_EQ(WaitReadable(pair.ends[0], deadline), std::errc::timed_out);
  EXPECT_FALSE(WaitWritable(pair.ends[0], Time::clock::now() + std::chrono::hours(1)));
}

TEST(IoTest, ErrorsAreValues) {
  char byte = 0;
  EXPECT_EQ(Read(-1, &byte, 1).error, std::errc::bad_file_descriptor);
  EXPECT_EQ(WaitReadable(-1), std::errc::bad_file_descriptor);
  EXPECT_EQ(SetNonBlocking(-1), std::errc::bad_file_descriptor);
  Pair pair;
  close(pair.ends[1]);
  pair.ends[1] = -1;
  EXPECT_EQ(Write(pair.ends[0], &byte, 1).error, std::errc::broken_pipe);
}

TEST(IoTest, FilesAreAlwaysReady) {
  char name[] = "/tmp/stray_io_XXXXXX";
  const int fd = mkstemp(name);
  unlink(name);
  EXPECT_FALSE(WaitReadable(fd));
  EXPECT_EQ(Write(fd, "abc", 3).count, 3u);
  char byte;
  EXPECT_EQ(Read(fd, &byte, 1).count, 0u);
  close(fd);
}

TEST(IoTest, AcceptAndConnect) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, generic, size), 0);
  ASSERT_EQ(listen(listener, 5), 0);
  ASSERT_EQ(getsockname(listener, generic, &size), 0);
  WaitGroup group;
  group.Go([&] {
    for (int i = 0; i < 5; ++i) {
      const AcceptResult accepted = Accept(listener);
      ASSERT_FALSE(accepted.error);
      group.Go([fd = accepted.fd] {
        char byte;
        EXPECT_EQ(Read(fd, &byte, 1).count, 1u);
        EXPECT_EQ(Write(fd, &byte, 1).count, 1u);
        close(fd);
      });
    }
  });
  for (int i = 0; i < 5; ++i) {
    group.Go([&, i] {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      EXPECT_FALSE(Connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
      char byte = static_cast<char>(i);
      EXPECT_EQ(Write(fd, &byte, 1).count, 1u);
      EXPECT_EQ(Read(fd, &byte, 1).count, 1u);
      EXPECT_EQ(byte, i);
      close(fd);
    });
  }
  group.Wait();
  close(listener);
}

TEST(IoTest, ThreadWaitsAsThread) {
  Pair pair;
  std::thread thread([&] {
    char byte;
    EXPECT_EQ(Read(pair.ends[0], &byte, 1).count, 1u);
  });
  AwaitParked(WaitReason::kIoWait, FdObject(pair.ends[0]));
  EXPECT_EQ(Write(pair.ends[1], "x", 1).count, 1u);
  thread.join();
}

// For TSan, which would see a race.
TEST(IoTest, WhatComesBeforeAWriteComesBeforeTheEndOfTheRead) {
  Pair pair;
  int written = 0;
  Go([&] {
    written = 1;
    EXPECT_EQ(Write(pair.ends[1], "x", 1).count, 1u);
  });
  char byte;
  EXPECT_EQ(Read(pair.ends[0], &byte, 1).count, 1u);
  EXPECT_EQ(written, 1);
}

}  // namespace
}  // namespace stray
