// SPDX-License-Identifier: Apache-2.0
// endpoints.h: what `--http` serves of programs that run.
//
//   /debug/pprof/            index; goroutine, goroutineleak, block, mutex, threadcreate; cmdline, symbol:
//                            the paths, parameters, texts and statuses of Go's net/http/pprof
//   /metrics                 counts of tasks, waits and findings for Prometheus; prove=1: of leaks as well
//   /stray/snapshot          a dump
//   /stray/report            the report of this moment, in any format of `stray report`
//
// /metrics is of all processes, the others take pid=N, for another than the first; all take snapshots. Nothing
// here changes the programs, and nothing but GET is answered (but POST for `symbol`). block and mutex with
// seconds=N make a program count the waits that end meanwhile, if it does not do so anyway.
//
// Who may ask: at a loopback address, who names it as one, so that no page of the web that somebody here has
// open can be made to ask (DNS rebinding); at any other, who has the token.
#ifndef STRAY_ANALYZER_CLI_SERVE_ENDPOINTS_H_
#define STRAY_ANALYZER_CLI_SERVE_ENDPOINTS_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/wait_rates.h"
#include "analyzer/cli/serve/http_server.h"
#include "analyzer/cli/serve/listen_address.h"
#include "analyzer/cli/serve/live_processes.h"
#include "analyzer/cli/serve/metrics.h"
#include "analyzer/report/policy.h"
#include "analyzer/report/task_profile.h"

namespace stray::analyzer {

struct EndpointSettings {
  ListenAddress address;
  std::string token;  // empty: none is needed
  JudgeSettings judge;
  Policy policy;
};

class Endpoints {
 public:
  using After = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

  // `after` is HttpServer::After().
  Endpoints(EndpointSettings settings, std::unique_ptr<LiveProcesses> processes, After after);

  void Handle(const HttpRequest& request, HttpServer::Reply reply);

 private:
  // What is seen of one process at one moment.
  struct Moment {
    Model model;
    Verdict verdict;
  };

  HttpResponse Answer(const HttpRequest& request);
  HttpResponse PprofIndex(const HttpRequest& request);
  HttpResponse CommandLine(const HttpRequest& request) const;
  HttpResponse Symbol(const HttpRequest& request);
  HttpResponse Profile(const HttpRequest& request, ProfileKind kind);
  void Delta(const HttpRequest& request, ProfileKind kind, HttpServer::Reply reply);
  HttpResponse Metrics(const HttpRequest& request);
  HttpResponse Dump(const HttpRequest& request);
  HttpResponse Report(const HttpRequest& request);

  bool IsAllowed(const HttpRequest& request, HttpResponse& refusal) const;
  absl::StatusOr<Moment> Look(const HttpRequest& request, bool wants_proof);

  EndpointSettings settings_;
  std::unique_ptr<LiveProcesses> processes_;
  After after_;
  MetricsHistory history_;
  size_t deltas_ = 0;  // that wait for their second snapshot
  WaitRateStretches wait_rates_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_ENDPOINTS_H_
