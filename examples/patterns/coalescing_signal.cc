// SPDX-License-Identifier: Apache-2.0
// coalescing_signal.cc: capacity 1 and a send that does not wait: many signals become one wake-up.
//
// When: "something has changed, look again": what matters is the newest state, not how often it changed.
// Without: a plain send makes the writer wait for a slow reader; a large buffer makes the reader redo old work.
//
// prints: saved version 1000 in no more than 1000 steps
#include <stray/stray.h>

#include <cstdio>

class Document {
 public:
  void Change() {
    version_.Add(1);
    changed_.TrySend({});  // there is one already: the reader has not looked yet, and will see this, too
  }
  int Version() const { return version_.Load(); }
  stray::RecvChan<stray::Unit> Changed() const { return changed_; }
  void Close() { changed_.Close(); }

 private:
  stray::Atomic<int> version_ = 0;
  stray::Chan<stray::Unit> changed_ = stray::MakeChan<stray::Unit>(1);
};

int main() {
  return stray::Main([] {
    Document document;
    int saved = 0, saves = 0;
    stray::WaitGroup saver;
    saver.Go("saver", [&] {
      for ([[maybe_unused]] stray::Unit signal : document.Changed()) {
        saved = document.Version();
        ++saves;
      }
    });
    for (int i = 0; i < 1000; ++i) document.Change();
    document.Close();
    saver.Wait();
    std::printf("saved version %d in %s\n", saved,
                saves <= 1000 ? "no more than 1000 steps" : "too many steps");
  });
}
