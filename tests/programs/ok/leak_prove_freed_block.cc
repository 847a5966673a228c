// SPDX-License-Identifier: Apache-2.0
// leak_prove_freed_block.cc: the same, and both receivers get what they wait for.
//
// link: runtime
// flags: --prove --settle 2s
#include <fcntl.h>
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/io.h>
#include <unistd.h>

#include <cstdio>
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
    stray::Go("receiver", [replies = session->replies] { replies.Recv(); });
    stray::AwaitParked(stray::WaitReason::kChanReceive, session->replies.get());
    session->replies.Close();
    session->~Session();
    free(session);
    std::vector<std::list<stray::Chan<int>>> lists(3);
    lists[1].push_back(stray::MakeChan<int>());
    stray::Go("second receiver", [replies = lists[1].front()] { replies.Recv(); });
    stray::AwaitParked(stray::WaitReason::kChanReceive, lists[1].front().get());
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0) return;
    stray::Go("keeper", [ends, lists = std::move(lists)] {
      if (!stray::WaitReadable(ends[0])) lists[1].front().Send(1);
    });
    if (write(ends[1], "x", 1) != 1) perror("write");
  });
}
