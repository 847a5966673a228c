// SPDX-License-Identifier: Apache-2.0
// leak_test.cc: tests that pass, and leave threads behind.
//
// Journal writes its lines in the background. Its destructor says that the end has come, but wakes nobody, so
// the writer sleeps on, and with the journal gone nobody is left to wake it:
//
//   test                          writer
//   Add, Flush                    write, then wait(changed)
//   ~Journal: done = true         .                            no notify
//   .                             asleep for ever
//
// The fix: notify in the destructor, and join there instead of detaching at the start.
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

class Journal {
 public:
  Journal() : state_(std::make_shared<State>()) {
    std::thread([state = state_] { WriteLines(*state); }).detach();
  }
  ~Journal() {
    std::lock_guard lock(state_->mutex);
    state_->done = true;
  }

  void Add(std::string line) {
    std::lock_guard lock(state_->mutex);
    state_->lines.push_back(std::move(line));
    state_->changed.notify_one();
  }

  // Waits until every line added so far is written; returns how many that are.
  size_t Flush() {
    std::unique_lock lock(state_->mutex);
    state_->written_changed.wait(lock, [this] { return state_->written == state_->lines.size(); });
    return state_->written;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::condition_variable written_changed;
    std::vector<std::string> lines;
    size_t written = 0;
    bool done = false;
  };

  static void WriteLines(State& state) {
    std::unique_lock lock(state.mutex);
    while (true) {
      state.changed.wait(lock, [&] { return state.done || state.written < state.lines.size(); });
      if (state.done) return;
      state.written = state.lines.size();
      state.written_changed.notify_all();
    }
  }

  std::shared_ptr<State> state_;
};

TEST(JournalTest, WritesWhatWasAdded) {
  Journal journal;
  journal.Add("first");
  journal.Add("second");
  EXPECT_EQ(journal.Flush(), 2u);
}

TEST(JournalTest, WritesManyLines) {
  Journal journal;
  for (int i = 0; i < 1000; ++i) journal.Add("line");
  EXPECT_EQ(journal.Flush(), 1000u);
}
