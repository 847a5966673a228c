// SPDX-License-Identifier: Apache-2.0
// check.h: asks, in the middle of a program, which leaks and deadlocks are proved of it by now.
//
//   for (const stray::Leak& leak : stray::CheckLeaks()) log(leak.text);
//
// The program must run under stray: `stray run -- ./server`. Beside other tasks that go on, most leaks can only
// be proved with `stray run --prove`: that looks at what each task can reach. What is still alive is no leak
// here, since the program goes on; for the end of a test there is stray/gtest.h. Header only; links nothing of
// stray's.
#ifndef STRAY_CHECK_H_
#define STRAY_CHECK_H_

#include <dlfcn.h>

#include <string>
#include <vector>

namespace stray {

// One finding as it stands in a report: leak.blocked, deadlock.cycle, ...
struct Leak {
  std::string id;
  std::string text;
};

enum class LeakCheck {
  kDone,
  kNotWatched,  // the program does not run under stray: nobody has looked
  kNoAnswer,    // `stray run` does not answer: there may be some
};

// All that is proved now, also what was there at the last call. Empty means "nothing proved" only if `check`
// says kDone. It waits until a snapshot is taken and analyzed, some 10 ms; without --prove for 30 ms more. Any
// thread or goroutine, also several at a time.
inline std::vector<Leak> CheckLeaks(LeakCheck* check = nullptr) {
  using Found = void (*)(const char* text, void* argument);
  static const auto agent =
      reinterpret_cast<int (*)(Found, void*)>(dlsym(RTLD_DEFAULT, "stray_agent_check_leaks"));
  std::vector<std::string> texts;
  const Found add = [](const char* text, void* argument) {
    static_cast<std::vector<std::string>*>(argument)->push_back(text);
  };
  const int result = agent == nullptr ? -1 : agent(add, &texts);
  LeakCheck state = result < 0 ? LeakCheck::kNotWatched : result > 0 ? LeakCheck::kNoAnswer : LeakCheck::kDone;
  std::vector<Leak> leaks;
  for (const std::string& text : texts) {
    const std::string::size_type end_of_id = text.find('\n');
    if (end_of_id == std::string::npos) {
      state = LeakCheck::kNoAnswer;  // why it could not look
    } else {
      leaks.push_back({text.substr(0, end_of_id), text.substr(end_of_id + 1)});
    }
  }
  if (check != nullptr) *check = state;
  return leaks;
}

}  // namespace stray

#endif  // STRAY_CHECK_H_
