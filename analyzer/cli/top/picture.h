// SPDX-License-Identifier: Apache-2.0
// picture.h: one moment, ready to be looked at: what the analyzer says of a model, as rows.
//
// A Picture is made once, also in another thread than the one that shows it, and never changed. Nothing is
// decided here: findings, verdicts of tasks, names and places are those of the report. What rows have in common
// (places, reasons,
// ...) is kept once and named by a number, so that 100,000 tasks are grouped, filtered and sorted between two
// keystrokes.
#ifndef STRAY_ANALYZER_CLI_TOP_PICTURE_H_
#define STRAY_ANALYZER_CLI_TOP_PICTURE_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/top/facet.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Texts, each once. Number 0 is the empty one.
class WordPool {
 public:
  WordPool() { Add(""); }

  uint32_t Add(const std::string& text);
  const std::string& operator[](uint32_t number) const { return *texts_[number]; }
  size_t size() const { return texts_.size(); }

 private:
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  std::vector<std::unique_ptr<const std::string>> texts_;
};

struct TaskRow {
  const ProcessModel* process = nullptr;
  uint32_t process_index = 0;  // in Model::processes
  uint32_t task = 0;
  uint64_t wait_ns = 0;                       // 0: it does not wait, or nobody knows since when
  std::string name;                           // T7 "flusher"
  std::array<uint32_t, kFacets> facets = {};  // numbers in Picture::words

  uint32_t Of(Facet facet) const { return facets[static_cast<size_t>(facet)]; }
};

struct ObjectRow {
  const ProcessModel* process = nullptr;
  uint32_t process_index = 0;
  uint32_t object = 0;
  std::string kind;
  std::string name;   // Cart::mu, Ch7
  std::string state;  // held by T3 "writer"
  uint64_t waiters = 0;
  uint64_t oldest_ns = 0;
  uint32_t label = 0;  // with its kind, as tasks that wait for it have it: number in Picture::words
};

struct FindingRow {
  const Finding* finding = nullptr;
  size_t number = 0;  // of the report; 0: it is excused, and has none
  size_t repeat = 0;  // tells it from others with the same signature, of other processes
  uint64_t tasks = 0;
  uint64_t oldest_ns = 0;  // of those that wait
};

// How many tasks there are of each kind of thing: all that is kept of a picture to compare others with.
struct PictureCounts {
  std::array<absl::flat_hash_map<std::string, uint64_t>, kFacets> tasks;  // by the text of the facet
  absl::flat_hash_set<std::string> findings;                              // signatures

  uint64_t Of(Facet facet, const std::string& text) const;
};

struct Picture {
  Model model;
  Verdict verdict;
  WordPool words;
  std::vector<FindingRow> findings;  // in the order of the report, the excused ones last
  std::vector<TaskRow> tasks;        // in the order of the snapshot
  std::vector<ObjectRow> objects;    // in the order of the dump: those that are waited for, held or used
  PictureCounts counts;
  std::string headline;              // of the report, without "stray: "
  std::vector<std::string> remarks;  // why data is incomplete
  uint64_t blocked = 0;
  uint64_t in_program_ns = 0;  // how long the program itself took to take the snapshot
};

// `model` is explained and `verdict` its own. Takes the snapshot of each process that it is judged by.
std::shared_ptr<const Picture> MakePicture(Model model, Verdict verdict);

// The snapshot that rows of `process` are of; never null for a process that has rows.
const SnapshotModel* SnapshotShown(const ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_PICTURE_H_
