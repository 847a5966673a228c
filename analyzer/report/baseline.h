// SPDX-License-Identifier: Apache-2.0
// baseline.h: the findings that a project knows of already, so that only others fail a run.
//
// A TOML file, to be read and reviewed (docs/POLICY.md):
//
//   version = 1
//   programs = ["cart_test"]
//
//   [[finding]]
//   signature = "leak.blocked-6f1c0e9a3b5d7f42"
//   program = "cart_test"
//   title = "2 goroutines blocked for ever in chan send"
//   sites = ["chan send, blocked at FetchPrice < Quote, created at Checkout"]
//   findings = 1
//   added = 2026-11-22
//   reason = "ticket 12"
//
// Entries stand in the order of program, finding id, places and signature, and an entry that is known keeps its
// words, so that an update changes the lines that have to change. A finding is known if its program and
// signature (analysis/signature.h) are; of more findings of one signature than there were, the last ones are
// new.
#ifndef STRAY_ANALYZER_REPORT_BASELINE_H_
#define STRAY_ANALYZER_REPORT_BASELINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"
#include "analyzer/report/calendar_date.h"

namespace stray::analyzer {

struct BaselineEntry {
  std::string signature;  // begins with the finding id
  std::string program;    // as ProgramOf() says; "": a log that does not tell
  std::string title;      // of the day when it was added
  std::vector<std::string> sites;
  uint64_t findings = 1;  // of this signature, in one process
  Date added;
  std::string reason;  // may be empty
  bool found = false;  // by Apply()
};

// What an update has done.
struct BaselineChange {
  std::vector<BaselineEntry> added;
  std::vector<BaselineEntry> removed;
  size_t kept = 0;
};

class Baseline {
 public:
  // An empty one that will stand in file `name`.
  explicit Baseline(std::string name) : name_(std::move(name)) {}

  // Reads `text`; `name` is the file's name for messages. kInvalidArgument for what is no baseline, with name
  // and line; kUnimplemented for one of a newer version.
  static absl::StatusOr<Baseline> Parse(absl::string_view text, absl::string_view name);

  // The file. Parse() gives the same entries again.
  std::string Text() const;

  // Sets Finding::known, but for those that a rule suppresses. May be called several times, with all findings
  // of one moment each.
  void Apply(std::vector<Finding>& findings);

  // kInvalidArgument if it is about other programs than those of `model` only.
  absl::Status CheckPrograms(const Model& model) const;

  // Entries about programs of those in `model` that Apply() has not met.
  size_t CountMissing(const Model& model) const;

  // Makes it the baseline of `findings`, all of `model`. Entries about programs of it that are not among them
  // go, unless `keep`. `today` and `reason` are for new entries.
  BaselineChange Update(const Model& model, const std::vector<Finding>& findings, bool keep, Date today,
                        const std::string& reason);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& programs() const { return programs_; }
  const std::vector<BaselineEntry>& entries() const { return entries_; }

 private:
  std::string name_;
  std::vector<std::string> programs_;
  std::vector<BaselineEntry> entries_;
};

// What a baseline calls the program of `process`: the last part of its path; "" where only a log told of it.
std::string ProgramOf(const ProcessModel& process);

// "leak.blocked" of "leak.blocked-6f1c0e9a3b5d7f42".
absl::string_view IdOfSignature(absl::string_view signature);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_BASELINE_H_
