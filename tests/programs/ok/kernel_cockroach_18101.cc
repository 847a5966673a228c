// SPDX-License-Identifier: Apache-2.0
// kernel_cockroach_18101.cc: who sends looks at the context, too.
//
// link: runtime
// modes: gcc-O2
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/select.h>
#include <stray/wait_group.h>

using stray::Chan;
using stray::Context;

static Chan<int> ready_to_import;
static stray::WaitGroup producer;

static void Split(const Context& context, int spans) {
  for (int span = 1; span <= spans && !context.Err(); ++span) {
    stray::Select(stray::OnSend(ready_to_import, span), stray::OnRecv(context.Done()));
  }
  ready_to_import.Close();
}

// The number of spans that were restored.
static int Restore(const Context& context, const stray::CancelFunc& cancel) {
  ready_to_import = stray::MakeChan<int>(6);
  producer.Go("producer", [context] { Split(context, 8); });
  int restored = 0;
  for ([[maybe_unused]] const int span : ready_to_import) {
    if (++restored == 1) cancel();
    if (context.Err()) break;
  }
  return restored;
}

int main() {
  return stray::Main([] {
    auto [context, cancel] = stray::WithCancel(stray::Background());
    Restore(context, cancel);
    producer.Wait();
  });
}
