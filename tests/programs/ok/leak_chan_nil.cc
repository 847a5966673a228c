// SPDX-License-Identifier: Apache-2.0
// leak_chan_nil.cc: in a select the nil channel only switches its case off.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

static stray::Chan<int> nil;

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>();
    auto done = stray::MakeChan<stray::Unit>();
    stray::Go("receiver", [values, done] {
      stray::Select(stray::OnRecv(values), stray::OnRecv(nil));
      done.Send({});
    });
    values.Send(1);
    done.Recv();
  });
}
