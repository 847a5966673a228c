// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/seeded_order.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/steering.h"
#include "instrumentation/runtime/thread_state.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray {

namespace detail {
bool is_order_seeded = false;
bool has_scheduling_points = false;
}  // namespace detail

namespace runtime {
namespace {

constexpr uint32_t kPreemptOneIn = 2;
constexpr uint32_t kMostDepth = 1000;
constexpr uint32_t kLongestStreak = 1000;
constexpr uint64_t kShortest = 8, kLengths = 6;  // guesses of the length of a run: 8, 32 ... 8192

// Of PCT. At first each has one with the highest bit set; who fell back at the i-th point has
// kAfterChange + i; who yielded has less, and less than who yielded before.
constexpr uint64_t kInitial = uint64_t{1} << 63, kAfterChange = uint64_t{1} << 62;

SeededOrderSpec spec;
uint64_t random_state = 1;
std::atomic<size_t> runnable_count{0};
uint64_t steps = 0;  // scheduling points so far
uint64_t changes = 0, yields = 0;
const Task* last_picked = nullptr;
uint32_t streak = 0;  // scheduling points of `last_picked` in a row
int whole_steps = 0;
Steering* steering = nullptr;  // with steer:FILE

// Never destroyed, both: goroutines may run after static destructors have.
// With PCT a heap, else in no order.
std::vector<Task*>& RunnableTasks() {
  static auto* tasks = new std::vector<Task*>;
  return *tasks;
}
// The last is the next.
std::vector<uint64_t>& ChangePoints() {
  static auto* points = new std::vector<uint64_t>;
  return *points;
}

// splitmix64. Source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators".
uint64_t Random() {
  uint64_t x = random_state += 0x9E3779B97F4A7C15u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

uint64_t IdOf(const Task* task) { return task->record.id.load(std::memory_order_relaxed); }

bool IsLess(const Task* a, const Task* b) {
  return a->priority != b->priority ? a->priority < b->priority : IdOf(a) > IdOf(b);
}

template <typename Number>
bool TakeNumber(std::string_view* text, Number* number) {
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

bool TakeWord(std::string_view* text, std::string_view word) {
  if (text->substr(0, word.size()) != word) return false;
  text->remove_prefix(word.size());
  return true;
}

bool IsSteered() { return steering != nullptr && !steering->IsOver(); }

// Who runs next leaves those that could.
Task* Take(size_t number) {
  std::vector<Task*>& tasks = RunnableTasks();
  std::swap(tasks[number], tasks.back());
  Task* task = tasks.back();
  tasks.pop_back();
  runnable_count.store(tasks.size(), std::memory_order_seq_cst);
  if (task != last_picked) streak = 0;
  last_picked = task;
  return task;
}

void ChooseChangePoints() {
  const uint64_t length = kShortest << 2 * (Random() % kLengths);
  std::vector<uint64_t>& points = ChangePoints();
  for (uint32_t i = 1; i < spec.depth; ++i) points.push_back(1 + Random() % length);
  std::sort(points.begin(), points.end(), std::greater<>());
}

}  // namespace

bool ParseSeededOrder(const char* text, SeededOrderSpec* parsed) {
  std::string_view rest = text;
  *parsed = {};
  if (TakeWord(&rest, "seed:")) return TakeNumber(&rest, &parsed->seed) && rest.empty();
  if (TakeWord(&rest, "steer:")) {
    parsed->schedule_file = rest;
    return !rest.empty();
  }
  if (!TakeWord(&rest, "pct:")) return false;
  parsed->is_pct = true;
  return TakeNumber(&rest, &parsed->seed) && TakeWord(&rest, ",") && TakeNumber(&rest, &parsed->depth) &&
         rest.empty() && parsed->depth >= 1 && parsed->depth <= kMostDepth;
}

namespace {

[[noreturn]] void FatalWrongOrder(const char* text, const std::string& why) {
  const std::string line = "stray: STRAY_SCHED=" + std::string(text).substr(0, 4000) + " " + why + "\n";
  WriteError(line.data(), line.size());
  _exit(2);
}

// Where the program says how far it has come. Of a file that another has already, or that is none, nothing.
steering::SteeringOutcome* ClaimOutcome(const std::string& path) {
  static steering::SteeringOutcome unread;
  if (path.empty()) return &unread;
  const long file = KernelCall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path.c_str()), O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat status {};
  const bool fits = KernelCall(SYS_fstat, file, reinterpret_cast<long>(&status)) == 0 &&
                    status.st_size == sizeof(steering::SteeringOutcome);
  const long memory = fits ? KernelCall(SYS_mmap, 0, sizeof(steering::SteeringOutcome), PROT_READ | PROT_WRITE,
                                        MAP_SHARED, file, 0)
                           : -1;
  KernelCall(SYS_close, file);
  if (memory < 0) return nullptr;
  auto* outcome = reinterpret_cast<steering::SteeringOutcome*>(memory);
  auto untouched = static_cast<uint32_t>(steering::State::kUntouched);
  const auto taken = static_cast<uint32_t>(steering::State::kOnTheWay);
  return __atomic_compare_exchange_n(&outcome->state, &untouched, taken, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)
             ? outcome
             : nullptr;
}

void StartSteering(const char* text) {
  SteeringSchedule schedule;
  std::string error;
  if (!ReadSteeringSchedule(spec.schedule_file.c_str(), &schedule, &error))
    FatalWrongOrder(text, "cannot be followed: " + spec.schedule_file + ": " + error);
  spec.seed = schedule.seed;
  if (steering::SteeringOutcome* outcome = ClaimOutcome(schedule.outcome); outcome != nullptr)
    steering = new Steering(std::move(schedule), outcome);
}

}  // namespace

void SeededOrder::Configure() {
  detail::has_scheduling_points = tsan::TellsPoints();
  const char* text = getenv("STRAY_SCHED");
  if (text == nullptr || *text == '\0') return;
  if (!ParseSeededOrder(text, &spec)) {
    FatalWrongOrder(text, "is neither seed:N nor pct:N,D nor steer:FILE (N a number, D from 1 to " +
                              std::to_string(kMostDepth) + ")");
  }
  if (!spec.schedule_file.empty()) StartSteering(text);
  random_state = spec.seed;
  if (spec.is_pct) ChooseChangePoints();
  detail::has_scheduling_points = detail::is_order_seeded = true;
}

uint64_t SeededOrder::RandomForSelect() { return Random() | 1; }

void SeededOrder::NoteStarted(Task* task) {
  task->priority = 0;
  if (steering == nullptr) return;
  const tsan::IgnoreScope unseen;
  const Task* creator = Self()->task;
  steering->NoteStarted(task, creator != nullptr && creator->is_goroutine() ? creator : nullptr);
}

void SeededOrder::Add(std::vector<Task*>& added) {
  std::vector<Task*>& tasks = RunnableTasks();
  std::sort(added.begin(), added.end(), [](const Task* a, const Task* b) { return IdOf(a) < IdOf(b); });
  for (Task* task : added) {
    tasks.push_back(task);
    if (!spec.is_pct) continue;
    if (task->priority == 0) task->priority = Random() | kInitial;
    std::push_heap(tasks.begin(), tasks.end(), &IsLess);
  }
  added.clear();
  runnable_count.store(tasks.size(), std::memory_order_seq_cst);
}

Task* SeededOrder::Pick() {
  std::vector<Task*>& tasks = RunnableTasks();
  if (IsSteered()) {
    const int choice = steering->Choose(tasks, Now());
    if (choice == Steering::kNobody) runnable_count.store(0, std::memory_order_seq_cst);
    if (choice == Steering::kNobody) return nullptr;
    if (choice != Steering::kAnybody) return Take(static_cast<size_t>(choice));
  }
  if (tasks.empty()) return nullptr;
  if (spec.is_pct) {
    std::pop_heap(tasks.begin(), tasks.end(), &IsLess);
    return Take(tasks.size() - 1);
  }
  return Take(Random() % tasks.size());
}

bool SeededOrder::HasRunnable() {
  return runnable_count.load(std::memory_order_seq_cst) != 0 || (steering != nullptr && HeldUntil() <= Now());
}

int64_t SeededOrder::HeldUntil() { return steering == nullptr ? kNever : steering->HeldUntil(); }

bool SeededOrder::IsPreemptedNow(Task* current) {
  if (IsSteered()) {
    const tsan::IgnoreScope unseen;
    return !steering->Passes(current, whole_steps != 0);
  }
  if (whole_steps != 0) return false;
  if (!spec.is_pct) return Random() % kPreemptOneIn == 0;
  ++steps;
  std::vector<uint64_t>& points = ChangePoints();
  while (!points.empty() && points.back() <= steps) {
    points.pop_back();
    current->priority = kAfterChange + ++changes;
  }
  if (++streak >= kLongestStreak) NoteYield(current);
  return true;  // the highest may have become runnable since
}

void SeededOrder::NoteYield(Task* current) {
  if (IsSteered()) {
    const tsan::IgnoreScope unseen;
    steering->NoteYield(current);
  }
  current->priority = kAfterChange - ++yields;
  streak = 0;
}

WholeStep::WholeStep() : counts_(SeededOrder::IsOn() && Self()->processor != nullptr) {
  if (counts_) ++whole_steps;
}
WholeStep::~WholeStep() {
  if (counts_) --whole_steps;
}

}  // namespace runtime

}  // namespace stray
