// SPDX-License-Identifier: Apache-2.0
// pprof_profile.h: profiles of pprof (profile.proto, mostly compressed) that count tasks or waits.
//
// Written by Go's /debug/pprof/goroutine, goroutineleak, threadcreate, block and mutex, or by anybody else with
// the same types of samples. Goroutines become tasks, so many as are counted, with their labels; labels that
// say how tasks wait ("wait_reason", "state", and "wait" in nanoseconds) are taken for that. The other profiles
// become ProfileSites.
#ifndef STRAY_ANALYZER_LOAD_PPROF_PROFILE_H_
#define STRAY_ANALYZER_LOAD_PPROF_PROFILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// True if `bytes` begin like a file of gzip, or are such a profile as it stands.
bool LooksLikePprof(absl::string_view bytes);

// Indexed, one process. kInvalidArgument: no profile, or one that says nothing of tasks (of processor time, of
// memory). kDataLoss: nothing could be read. What is cut or refers to nothing is named in Model::damage.
absl::StatusOr<Model> ReadPprof(absl::string_view bytes, const std::string& name);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_PPROF_PROFILE_H_
