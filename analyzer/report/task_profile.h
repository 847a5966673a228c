// SPDX-License-Identifier: Apache-2.0
// task_profile.h: the tasks of a model as a profile, in the sense of Go's runtime/pprof: stacks with numbers.
//
//   goroutine      every live task, where it stands
//   goroutineleak  those of them that are proved to be blocked for ever
//   block          every task that waits for another one or for the outside, with its time so far; no sleepers
//   mutex          every lock that is waited for, where its holder took it: how many wait, and how long in sum
//   threadcreate   every live thread, where it was created
//
// What is different from Go: waits need no rate, and do not have to be over. block and mutex show those that go
// on at the moment of the snapshot, and those that have ended, in state "ended", as far as the agent was asked
// to count them (`--block-profile-rate`, `--mutex-profile-fraction`). A comment says so where it was not.
//
// Of each process the snapshot counts that it is judged by: the newest, but for one that only shows how stray
// ended it.
#ifndef STRAY_ANALYZER_REPORT_TASK_PROFILE_H_
#define STRAY_ANALYZER_REPORT_TASK_PROFILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

enum class ProfileKind { kGoroutine, kGoroutineLeak, kBlock, kMutex, kThreadCreate };

// Their names, as they are called in Go, in the order of the enumeration.
std::vector<std::string> ProfileNames();
std::optional<ProfileKind> ProfileOfName(absl::string_view name);
std::string NameOfProfile(ProfileKind kind);

// True for the kinds that count contentions and say how long they took.
bool IsContention(ProfileKind kind);

// `text`, or a number with its unit.
struct ProfileLabel {
  std::string key;
  std::string text;
  int64_t number = 0;
  std::string unit;  // of `number`; empty: `text` counts

  bool operator==(const ProfileLabel& other) const = default;
};

struct ProfileSample {
  const ProcessModel* process = nullptr;
  std::vector<uint64_t> addresses;   // innermost first
  bool first_is_exact = false;       // addresses[0] is no return address
  std::string placeholder;           // stands for the frames where there is no address
  std::vector<ProfileLabel> labels;  // sorted by key, each key once
  int64_t count = 0;
  int64_t wait_ns = 0;  // in sum
};

struct TaskProfile {
  ProfileKind kind = ProfileKind::kGoroutine;
  std::vector<ProfileSample> samples;  // most tasks first; no two with the same stack and labels
  std::vector<std::string> comments;   // what was found, what is not known; printable
  int64_t duration_ns = 0;             // from `time_ns` on; of a delta
  int64_t time_ns = 0;                 // of the newest snapshot, since 1970; 0: not known
};

struct ProfileOptions {
  ProfileKind kind = ProfileKind::kGoroutine;
  bool labels = true;     // say what tasks wait for, who created them, their own labels, ...
  bool per_task = false;  // a sample for each task, with its id, parent and time
};

// True if at least one process of `model` has a snapshot to show tasks of.
bool HasTasks(const Model& model);

// `findings` give tasks their verdicts. Not before the model is explained (symbolized).
TaskProfile MakeTaskProfile(const Model& model, const std::vector<Finding>& findings,
                            const ProfileOptions& options);

// gzip-compressed profile.proto: what `go tool pprof`, Pyroscope and Parca read.
std::string PprofProfile(const TaskProfile& profile);

// The text that Go prints with debug=1.
std::string ProfileText(const TaskProfile& profile);

// A line for each stack, as flamegraph.pl and speedscope read them: "program;main;Cart::Flush;[chan send] 38".
// Weights are tasks; of block and mutex nanoseconds.
std::string FoldedText(const TaskProfile& profile);

// The text that Go prints with debug=2, a block for each live task. Without `labels` there is nothing in it but
// what the oldest parsers know.
std::string GoroutineText(const Model& model, const std::vector<Finding>& findings, bool labels);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_TASK_PROFILE_H_
