// SPDX-License-Identifier: Apache-2.0
// log_code.h: frames that are text already, as the addresses and Frames that everybody else works with.
//
// Code that a log knows by module and offset gets an address in a range that is the module's alone, so that
// what the log has no symbols for can be symbolized later, if the module's build id is known. Everything else,
// and what two lines of a log tell differently of the same offset, gets an address in no module. All of them
// lie where no program can be, and Frame::made_up marks them.
#ifndef STRAY_ANALYZER_LOAD_LOG_CODE_H_
#define STRAY_ANALYZER_LOAD_LOG_CODE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "analyzer/load/log_frame.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class LogCode {
 public:
  static constexpr uint64_t kModuleBytes = uint64_t{1} << 40;  // addresses that are a module's alone

  // Adds to `model`, which must outlive this.
  explicit LogCode(ProcessModel& model) : model_(model) {}

  // The id of the stack with these frames; 0 if there are none.
  uint32_t AddStack(const LogStack& stack);

  // The id of a module; 0 if `path` is empty.
  uint32_t AddModule(const std::string& path, const std::string& build_id);

  // Tells the path of a module that is known by its name so far.
  void SetModulePath(const std::string& path, const std::string& build_id);

 private:
  uint64_t AddFrame(absl::Span<const LogFrame> inlined);
  uint64_t FreeAddress(const wire::Frame& frame);

  ProcessModel& model_;
  absl::flat_hash_map<std::string, uint32_t> modules_;  // by name and build id
  absl::flat_hash_map<std::string, uint64_t> frames_;   // by all that is known of them
  absl::flat_hash_map<uint64_t, size_t> taken_;         // addresses and their frames
  std::map<std::pair<std::vector<uint64_t>, bool>, uint32_t> stacks_;
  uint64_t made_up_ = 0;  // addresses in no module so far
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOG_CODE_H_
