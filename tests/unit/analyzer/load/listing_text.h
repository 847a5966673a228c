// SPDX-License-Identifier: Apache-2.0
// listing_text.h: what a test wants to see of a task that a text lists.
#ifndef STRAY_TESTS_UNIT_ANALYZER_LOAD_LISTING_TEXT_H_
#define STRAY_TESTS_UNIT_ANALYZER_LOAD_LISTING_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// "main.f main.go:12, main.g main.go:30", with ", ~" behind one that is cut or has gaps. "": there is no such
// stack.
inline std::string StackText(const ProcessModel& process, uint32_t id) {
  const wire::Stack* stack = process.FindStack(id);
  if (stack == nullptr) return "";
  std::string text;
  for (const uint64_t address : stack->addresses()) {
    const wire::Frame* frame = process.FrameAt(address);
    for (const wire::Location& location : frame->locations()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", location.function(), " ",
                      location.file().substr(location.file().rfind('/') + 1), ":", location.line());
    }
  }
  return absl::StrCat(text, stack->cut() || stack->partial() ? ", ~" : "");
}

// "goroutine 7 blocked chan receive: main.f main.go:12".
inline std::vector<std::string> TasksText(const ProcessModel& process) {
  std::vector<std::string> all;
  for (const wire::TaskState& state : process.LastSnapshot()->tasks) {
    const wire::Task* task = process.FindTask(state.task());
    const std::string number = task->made_up() ? "?" : absl::StrCat(task->id() % (1u << 30));
    const std::string wait = state.wait_reason().empty() ? "" : absl::StrCat(" ", state.wait_reason());
    const std::string told = state.told().empty() ? "" : absl::StrCat(" (", state.told(), ")");
    all.push_back(absl::StrCat(task->kind(), " ", number, " ", state.state(), wait, told, ": ",
                               StackText(process, state.stack())));
  }
  return all;
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_LOAD_LISTING_TEXT_H_
