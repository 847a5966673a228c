// SPDX-License-Identifier: Apache-2.0
// live_source.h: a picture of a running process every few seconds, made in a thread of its own.
//
//   worker: snapshot (run/sample.h) -> names -> findings -> Picture --Take()--> who shows it
//
// The thread is there so that keys are answered meanwhile: a snapshot of 100,000 tasks takes about a second to
// be understood. It shares nothing with the others but what is behind the mutex; a Picture does not change any
// more.
#ifndef STRAY_ANALYZER_CLI_TOP_LIVE_SOURCE_H_
#define STRAY_ANALYZER_CLI_TOP_LIVE_SOURCE_H_

#include <pthread.h>
#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "analyzer/cli/file_descriptor.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/top/picture.h"
#include "analyzer/load/symbolize.h"
#include "analyzer/report/policy.h"

namespace stray::analyzer {

struct LiveSettings {
  pid_t pid = 0;
  bool proves = false;
  std::chrono::nanoseconds period = std::chrono::seconds(2);
  JudgeSettings judge;
};

class LiveSource {
 public:
  // What came of one look.
  struct Look {
    std::shared_ptr<const Picture> picture;  // null: there is none, see `trouble`
    uint64_t number = 0;
    std::chrono::nanoseconds took{0};
    std::string trouble;     // why there is no picture
    bool has_ended = false;  // the process; it was the last look
  };

  // Takes the first look. Fails if there is no such process, or it does not answer. `policy` must outlive it,
  // and is the worker's alone from now on.
  static absl::StatusOr<std::unique_ptr<LiveSource>> Open(LiveSettings settings, Policy& policy);

  // Waits for a look that is being taken, up to a limit. If that is not enough, IsBusy() stays true, and the
  // process has to be ended by _exit().
  ~LiveSource();
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;

  // Begins to look, every period.
  absl::Status Start();

  // Readable when Take() has something.
  int descriptor() const { return news_.get(); }
  // The newest look that was not taken yet.
  std::optional<Look> Take();

  void SetPaused(bool paused);
  void LookNow();

  // Tells the worker to end. True if it has.
  bool Stop();

 private:
  LiveSource(LiveSettings settings, Policy& policy, BoxView box, FileDescriptor news)
      : settings_(std::move(settings)), policy_(policy), box_(std::move(box)), news_(std::move(news)) {}

  static void* RunWorker(void* self);
  void Work();
  Look TakeLook();
  // After an exec the process has another box.
  bool FollowExec();
  void Publish(Look look);

  const LiveSettings settings_;
  Policy& policy_;
  BoxView box_;            // of the worker
  Symbolizer symbolizer_;  // of the worker: keeps the files that it has read
  uint64_t looks_ = 0;     // of the worker
  const FileDescriptor news_;
  pthread_t worker_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Behind the mutex.
  std::optional<Look> newest_;
  bool has_worker_ = false;
  bool worker_ended_ = false;
  bool is_paused_ = false;
  bool wants_look_ = false;
  bool wants_end_ = false;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_LIVE_SOURCE_H_
