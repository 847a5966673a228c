// SPDX-License-Identifier: Apache-2.0
// trace_deadlock_send_under_lock.cc: values are sent while a mutex is held that the receiver takes before it
// receives, but there is always a way out: room in the channel, a second receiver that takes no lock, or a send
// that only tries.
//
// link: runtime-trace
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include "tests/support/order.h"

static stray::Mutex m;

// The receiver is through with the mutex before `send` is called with it.
template <typename Send, typename Receive>
static void InThatOrder(stray::WaitGroup& all, Gate* unlocked, Send send, Receive receive) {
  all.Go([send, unlocked] {
    GateAwait(unlocked);
    m.Lock();
    send();
    m.Unlock();
  });
  all.Go([receive, unlocked] {
    m.Lock();
    m.Unlock();
    GateOpen(unlocked);
    receive();
  });
}

static Gate gates[3];

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    auto roomy = stray::MakeChan<int>(1);
    InThatOrder(
        all, &gates[0], [roomy] { roomy.Send(1); }, [roomy] { roomy.Recv(); });
    all.Wait();

    // Somebody takes it who needs no mutex.
    auto helped = stray::MakeChan<int>();
    auto enough = stray::MakeChan<int>();
    const auto help = [helped, enough] { stray::Select(stray::OnRecv(helped), stray::OnRecv(enough)); };
    stray::WaitGroup sent;
    sent.Add(1);
    all.Go(help);
    InThatOrder(
        all, &gates[1],
        [helped, &sent] {
          helped.Send(1);
          sent.Done();
        },
        help);
    sent.Wait();
    enough.Close();
    all.Wait();

    auto tried = stray::MakeChan<int>();
    InThatOrder(
        all, &gates[2], [tried] { tried.TrySend(1); }, [tried] { tried.TryRecv(); });
    all.Wait();
  });
}
