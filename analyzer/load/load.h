// SPDX-License-Identifier: Apache-2.0
// load.h: files in, Model out, and back.
//
// Three forms of the same content:
//   black box   what a running (or dead) agent left: agent/wire/black_box.h
//   dump        the portable form: header, checksummed zstd chunks of Records (docs/FORMAT.md)
//   text        the same Records as protobuf text, one entry each: `task { id: 1 kind: "thread" }`
// and logs from elsewhere, which are text for people:
//   race log    reports of ThreadSanitizer, of Go's race detector, of go-deadlock: race_log.h
//   task log    goroutines and threads, as Go's runtime, leak tests and debuggers print them: task_log.h
//   profile     of goroutines, as pprof has them: pprof_profile.h
//   trace       of events, in RAPID's format: std_trace.h
//
// A damaged file is not a failure as long as something could be read: what is whole is loaded and
// Model::damage says what is missing and where ("app.stray@0x4f0: ..."). kDataLoss: nothing could be
// read. kUnimplemented: written by a newer stray. kInvalidArgument: not a file of ours.
#ifndef STRAY_ANALYZER_LOAD_LOAD_H_
#define STRAY_ANALYZER_LOAD_LOAD_H_

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analyzer/load/load_progress.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

enum class FileKind { kUnknown, kBlackBox, kDump, kText, kRaceLog, kTaskLog, kProfile, kStdTrace };

// What `bytes` begin like, or, of a log, have in them. No promise that the rest is whole.
FileKind DetectKind(absl::string_view bytes);

// Reads `path`, whatever form it has. Indexed, not symbolized. A black box whose process still
// runs is read as it is at this moment.
absl::StatusOr<Model> LoadFile(const std::string& path, const LoadProgress& progress = nullptr);

// The same from memory; `name` is used in messages. The process of a black box is taken to be dead.
absl::StatusOr<Model> LoadBytes(absl::string_view bytes, const std::string& name);

// Reads a black box; `name` is used in messages, and what is missing is added to `damage`. `alive`: the process
// still runs. If it does not and left no snapshot, or went on after one that was taken on demand, a snapshot
// with reason "post_mortem" is made from the task table and comes last. Indexed, not symbolized.
absl::StatusOr<std::unique_ptr<ProcessModel>> ReadBlackBox(absl::string_view bytes, const std::string& name,
                                                           bool alive, std::vector<std::string>& damage);

absl::StatusOr<Model> ReadDump(absl::string_view bytes, const std::string& name);

// Text is written by people: the first error, "name:line: ...", is kInvalidArgument.
absl::StatusOr<Model> ReadText(absl::string_view text, const std::string& name);

// Writes `model` to `path`: to a temporary file beside it first, then renamed, mode 0600. After a failure (disk
// full: kResourceExhausted) `path` is what it was before. Model::damage is written as notes of the last
// process.
absl::Status WriteDump(const Model& model, const std::string& path);
absl::Status WriteText(const Model& model, std::ostream& out);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOAD_H_
