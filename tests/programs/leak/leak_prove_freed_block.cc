// SPDX-License-Identifier: Apache-2.0
// leak_prove_freed_block.cc: the last handle of a channel lies in a block that was given back: what still
// stands there is nobody's. A handle deep in a live structure is somebody's.
//
//   receiver          waits; the block with the other handle is freed, and the pointer to it is kept
//   second receiver   waits; a living goroutine has the list of lists in which the other handle is
//
// link: runtime
// flags: --prove --settle 50ms
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <unistd.h>

#include <cstdlib>
#include <list>
#include <new>
#include <vector>

#include "tests/support/parked.h"

namespace {

struct Session {
  char padding[64];  // an allocator writes into the beginning of a free block
  stray::Chan<int> replies;
};

}  // namespace

int main() {
  return stray::Main([] {
    auto* session = new (malloc(sizeof(Session))) Session{{}, stray::MakeChan<int>()};
    // want leak.blocked x1: "receiver" .*can reach it any more
    stray::Go("receiver", [replies = session->replies] { replies.Recv(); });
    stray::AwaitParked(stray::WaitReason::kChanReceive, session->replies.get());
    free(session);  // without its destructor: the handle stands there still
    std::vector<std::list<stray::Chan<int>>> lists(3);
    lists[1].push_back(stray::MakeChan<int>());
    // want leak.alive x1: "second receiver" .*"keeper", still alive as well, can still reach it
    stray::Go("second receiver", [replies = lists[1].front()] { replies.Recv(); });
    stray::AwaitParked(stray::WaitReason::kChanReceive, lists[1].front().get());
    stray::Go("keeper", [session, lists = std::move(lists)] {
      int ends[2];
      if (pipe2(ends, O_NONBLOCK) != 0) return;
      // want leak.alive x1: "keeper" .*IO wait
      if (!stray::WaitReadable(ends[0])) lists[1].front().Send(session == nullptr ? 0 : 1);
    });
  });
}
