// SPDX-License-Identifier: Apache-2.0
// test_desk.h: how a process under `stray run` asks what one of its tests has left behind.
//
//   process                                             stray run
//   a test ends, something may be left: snapshot
//   connects to SESSION/tests, a stream socket
//   DeskQuestion                                -->     reads its black box
//                                               <--     DeskAnswer, then `bytes` of text:
//                                                       each finding, ended by a zero byte
#ifndef STRAY_AGENT_WIRE_TEST_DESK_H_
#define STRAY_AGENT_WIRE_TEST_DESK_H_

#include <cstdint>

namespace stray::box {

inline constexpr char kDeskName[] = "/tests";  // behind the path of the session

// In place of a test: all that is proved of the process at this moment, which goes on (stray/check.h). Where
// threads did not stand still for the snapshot, a second one must show the same.
inline constexpr uint32_t kDeskProved = ~uint32_t{0}, kDeskProvedAgain = kDeskProved - 1;

struct DeskQuestion {
  int32_t pid;
  uint32_t test;  // TaskRecord::test, 0: of all that belongs to no test
};

// In place of a size: no text comes; take a second snapshot in a while, and ask for kDeskProvedAgain.
inline constexpr uint64_t kDeskAgain = ~uint64_t{0};
inline constexpr uint64_t kDeskWhileNs = 30'000'000;  // by when waits of the first can be told from others

struct DeskAnswer {
  uint64_t bytes;
};

}  // namespace stray::box

namespace stray::wire {
using namespace ::stray::box;  // NOLINT(google-build-using-namespace): as in black_box.h
}  // namespace stray::wire

#endif  // STRAY_AGENT_WIRE_TEST_DESK_H_
