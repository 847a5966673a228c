// SPDX-License-Identifier: Apache-2.0
// log_process.h: the process that the reports of a text log are about.
//
// A report names tasks as its detector does (thread T1, goroutine 8) and mutexes by numbers of its own (M0).
// Here they become records of one ProcessModel: the same task or mutex in several reports is the same record.
#ifndef STRAY_ANALYZER_LOAD_LOG_PROCESS_H_
#define STRAY_ANALYZER_LOAD_LOG_PROCESS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/load/log_code.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// How a task is called until its report is complete, and its id if no other one bears the same number. 0 if
// `number` is too large for any.
uint32_t LogThread(uint64_t number);     // of ThreadSanitizer; 0 is the main thread
uint32_t LogGoroutine(uint64_t number);  // of Go; 1 is the main goroutine

// What a report says of a task.
struct LogTask {
  uint32_t task = 0;  // LogThread() or LogGoroutine()
  std::string name;
  int32_t tid = 0;
  bool finished = false;
  uint32_t creator = 0;  // the same; 0: not told
  uint32_t stack = 0;    // of its creation
};

// What a report says of a mutex. In the report, until it is complete, it is an object with this id.
struct LogMutex {
  uint32_t object = 0;
  uint64_t address = 0;
  uint32_t stack = 0;  // of its creation
  bool destroyed = false;
};

// A report as it was read.
struct LogReport {
  wire::SanitizerReport report;
  std::vector<LogTask> tasks;
  std::vector<LogMutex> mutexes;
};

class LogProcess {
 public:
  // `log`: name of the file. `pid` may be 0.
  LogProcess(const std::string& log, int32_t pid);

  LogCode& code() { return code_; }

  void Add(LogReport read);

  // The finished model, not indexed. Nothing may be added afterwards.
  std::unique_ptr<ProcessModel> Finish();

 private:
  using Ids = absl::flat_hash_map<uint32_t, uint32_t>;  // of a report, in the model

  uint32_t AddTask(uint32_t task, int32_t tid);
  void Describe(const LogTask& described, Ids& tasks);
  uint32_t TaskId(uint32_t task, Ids& tasks);
  uint32_t AddMutex(const LogMutex& mutex);
  uint32_t ObjectId(uint32_t object, Ids& objects);
  void Resolve(wire::SanitizerReport& report, Ids& tasks, Ids& objects);
  void ResolveHeld(wire::Held& held, Ids& objects);
  void NameObjects(const wire::SanitizerReport& report);
  void AddAncestors();
  void GuessProgram();

  std::unique_ptr<ProcessModel> model_;
  LogCode code_;
  absl::flat_hash_map<uint32_t, size_t> place_of_task_;              // by id, in the model
  std::map<std::pair<uint32_t, int32_t>, uint32_t> known_tasks_;     // by what a report calls it, and tid
  std::map<std::pair<uint64_t, uint32_t>, uint32_t> known_mutexes_;  // by address and stack of creation
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOG_PROCESS_H_
