// SPDX-License-Identifier: Apache-2.0
// box_view.h: a black box, mapped read-only, while its process may still be writing to it.
//
// Only what watching a run needs is read here, field by field and within bounds; load/ reads the rest.
#ifndef STRAY_ANALYZER_CLI_RUN_BOX_VIEW_H_
#define STRAY_ANALYZER_CLI_RUN_BOX_VIEW_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "agent/wire/black_box.h"
#include "analyzer/cli/file_descriptor.h"

namespace stray::analyzer {

// Reads what another process may be writing at this moment.
template <typename T>
T LoadShared(const T& field) {
  return __atomic_load_n(&field, __ATOMIC_ACQUIRE);
}

// Opens the file of a box without following links; errno tells why it cannot be opened.
FileDescriptor OpenBoxFile(const std::string& path, int flags);

class BoxView {
 public:
  // kUnavailable: the agent has not finished making it; try again later. kUnimplemented: another version.
  static absl::StatusOr<BoxView> Open(const std::string& path);

  BoxView(BoxView&& other) noexcept
      : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, absl::string_view())) {}
  BoxView& operator=(BoxView&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~BoxView();

  const std::string& path() const { return path_; }
  absl::string_view bytes() const { return bytes_; }
  const box::BlackBoxHeader& header() const {
    return *reinterpret_cast<const box::BlackBoxHeader*>(bytes_.data());
  }
  pid_t pid() const { return header().pid; }

  // The agent is still filling the header in.
  bool IsStarting() const {
    return LoadShared(header().state) == static_cast<uint32_t>(box::ProcessState::kStarting);
  }

  // The process that made the box is gone: nothing will change here any more. (Known to be the same process,
  // not only the same pid, as soon as it is not starting any more.)
  bool HasEnded() const;

  // The process runs, and has not become another program since. An exec that fails makes this false and then
  // true again.
  bool IsAlive() const;

  // A snapshot is being written, or will be at once because the process is ending: better read a little later.
  bool IsBusy() const;

  // The task table. Its records change under the reader: use LoadShared.
  absl::Span<const box::TaskRecord> tasks() const;

 private:
  BoxView(std::string path, absl::string_view bytes) : path_(std::move(path)), bytes_(bytes) {}

  std::string path_;
  absl::string_view bytes_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_BOX_VIEW_H_
