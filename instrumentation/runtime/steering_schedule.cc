// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/steering_schedule.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "agent/wire/steering.h"
#include "instrumentation/runtime/kernel.h"

namespace stray::runtime {
namespace {

constexpr size_t kMostBytes = size_t{1} << 30;

// 1, 1.2, 1.2.17: numbers from 1 on.
bool IsName(std::string_view text) {
  bool begins_number = true;
  for (const char c : text) {
    if (c == '.' ? begins_number : c < (begins_number ? '1' : '0') || c > '9') return false;
    begins_number = c == '.';
  }
  return !begins_number;
}

bool IsNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

// Up to the next space, which is taken, too.
std::string_view TakeWord(std::string_view* line) {
  const std::string_view word = line->substr(0, line->find(' '));
  line->remove_prefix(std::min(line->size(), word.size() + 1));
  return word;
}

class ScheduleParser {
 public:
  explicit ScheduleParser(SteeringSchedule* schedule) : schedule_(*schedule) {}

  bool TakeLine(std::string_view line) {
    const std::string_view verb = TakeWord(&line);
    if (verb == "turn") return TakeTurn(line);
    if (verb == "seed") return IsNumber(line, &schedule_.seed);
    if (verb != "outcome" || line.empty()) return false;
    schedule_.outcome = line;
    return true;
  }

 private:
  bool TakeTurn(std::string_view line) {
    const std::string_view name = TakeWord(&line), points = TakeWord(&line), rest = line;
    SteeringSchedule::Turn turn{.name = 0, .points = 0, .may_wait = rest == "-"};
    if (!IsName(name) || !IsNumber(points, &turn.points) || (!turn.may_wait && !rest.empty())) return false;
    const auto [at, is_new] =
        numbers_.try_emplace(std::string(name), static_cast<uint32_t>(schedule_.names.size()));
    if (is_new) schedule_.names.push_back(at->first);
    turn.name = at->second;
    schedule_.turns.push_back(turn);
    return true;
  }

  SteeringSchedule& schedule_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

}  // namespace

bool ParseSteeringSchedule(std::string_view text, SteeringSchedule* schedule, std::string* error) {
  *schedule = {};
  ScheduleParser parser(schedule);
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (number == 1 ? line == steering::kFirstLine : parser.TakeLine(line)) continue;
    *error = "line " + std::to_string(number) + ": " +
             (number == 1 ? "this is no schedule of stray's, or one of a newer version"
                          : "neither \"turn NAME POINTS\" nor \"seed N\" nor \"outcome PATH\"");
    return false;
  }
  if (!schedule->turns.empty()) return true;
  *error = "there is no turn in it";
  return false;
}

bool ReadSteeringSchedule(const char* path, SteeringSchedule* schedule, std::string* error) {
  const long file = KernelCall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  std::string text;
  long got = file;
  while (got >= 0 && text.size() <= kMostBytes) {
    char piece[4096];
    got = KernelCall(SYS_read, file, reinterpret_cast<long>(piece), sizeof(piece));
    if (got <= 0) break;
    text.append(piece, static_cast<size_t>(got));
  }
  if (file >= 0) KernelCall(SYS_close, file);
  if (got >= 0) return ParseSteeringSchedule(text, schedule, error);
  *error = strerror(static_cast<int>(-got));
  return false;
}

}  // namespace stray::runtime
