// SPDX-License-Identifier: Apache-2.0
// occurrence.h: whether what was predicted has happened in another run of the same program.
//
//   race.predicted      race.data between the same two places
//   deadlock.predicted  deadlock.* of tasks that wait at the same places
//
// Places are compared by module and offset, or by function, file and line, so that neither another address
// space nor another build of the same lines matters.
#ifndef STRAY_ANALYZER_CLI_CONFIRM_OCCURRENCE_H_
#define STRAY_ANALYZER_CLI_CONFIRM_OCCURRENCE_H_

#include <string>
#include <vector>

#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

class Occurrence {
 public:
  // Of `predicted`, whose model has been explained and may go afterwards.
  explicit Occurrence(const Finding& predicted);

  bool IsDeadlock() const { return is_deadlock_; }

  // The one of `findings`, of an explained model, that it is; null: none.
  const Finding* FindIn(const std::vector<Finding>& findings) const;

 private:
  // Of a code address: two names, either of which tells it.
  struct Place {
    std::string offset;  // module and offset; "": not known
    std::string line;    // functions, files and lines; "": not known

    bool IsSame(const Place& other) const {
      return (!offset.empty() && offset == other.offset) || (!line.empty() && line == other.line);
    }
  };

  static Place PlaceAt(const ProcessModel& process, uint64_t address);
  static Place TopOf(const ProcessModel& process, uint32_t stack);
  static bool WaitsAt(const ProcessModel& process, const EvidenceTask& task, const Place& place);
  bool IsThatRace(const Finding& finding) const;
  bool IsThatDeadlock(const Finding& finding) const;

  bool is_deadlock_ = false;
  std::vector<Place> places_;  // of the two accesses, or of the locks that are waited for
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_CONFIRM_OCCURRENCE_H_
