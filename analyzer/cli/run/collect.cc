// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/collect.h"

#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/read_box.h"
#include "analyzer/cli/run/snapshot_request.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

// What a process gets to answer even if others have used up the time.
constexpr std::chrono::nanoseconds kLeastLimit = std::chrono::milliseconds(100);

constexpr int kBusyIntervalMs = 2;

std::string FileName(const std::string& path) { return std::filesystem::path(path).filename().string(); }

void AddNote(ProcessModel& process, const std::string& text, bool incomplete) {
  wire::Note& note = process.notes.emplace_back();
  note.set_text(text);
  note.set_incomplete(incomplete);
}

// Gives a process that is writing its last snapshot at this moment the time to do so.
void WaitWhileBusy(const BoxView& box, Deadline deadline) {
  while (box.IsBusy() && !box.HasEnded() && Clock::now() < deadline) poll(nullptr, 0, kBusyIntervalMs);
}

// Opens a box, and gives a process that is just coming up a moment to fill it in: before, it cannot answer.
absl::StatusOr<BoxView> OpenBox(const std::string& path) {
  const Deadline deadline = Clock::now() + kLeastLimit;
  for (;;) {
    absl::StatusOr<BoxView> box = BoxView::Open(path);
    const bool starting = box.ok() ? box->IsStarting() && (box->pid() == 0 || !box->HasEnded())
                                   : absl::IsUnavailable(box.status());
    if (!starting || Clock::now() >= deadline) return box;
    poll(nullptr, 0, kBusyIntervalMs);
  }
}

// Reads one box into `model`. A process that ends while it is asked is read as an ended one.
void CollectBox(const std::string& path, const CollectOptions& options, Deadline deadline, Model& model) {
  absl::StatusOr<BoxView> box = OpenBox(path);
  if (!box.ok()) {
    model.damage.push_back(absl::StrCat(FileName(path), ": ", std::string(box.status().message())));
    return;
  }
  absl::Status answer;
  const std::chrono::nanoseconds left = std::max(kLeastLimit, deadline - Clock::now());
  if (box->IsAlive()) answer = RequestSnapshot(*box, options.reason, left);
  WaitWhileBusy(*box, std::max(deadline, Clock::now() + kLeastLimit));
  const bool alive = box->IsAlive();
  absl::StatusOr<std::unique_ptr<ProcessModel>> process = ReadBox(*box, FileName(path), alive, model.damage);
  if (!process.ok()) {
    model.damage.emplace_back(process.status().message());
    return;
  }
  if (alive && options.after_end) {
    AddNote(**process, "it still runs and was not waited for", false);
  }
  if (alive && !answer.ok()) {
    AddNote(**process, absl::StrCat("there is no snapshot of this moment: ", std::string(answer.message())),
            true);
  }
  model.processes.push_back(*std::move(process));
}

// "app.4711.stray", or with a number before the last dot if that name is taken.
std::string DumpName(const wire::Process& process, std::set<std::string>& taken) {
  std::string program = process.invoked_name().empty() ? FileName(process.program()) : process.invoked_name();
  if (program.empty()) program = "program";
  const std::string stem = absl::StrCat(program, ".", process.pid());
  std::string name = stem + ".stray";
  for (int number = 2; !taken.insert(name).second; ++number) name = absl::StrCat(stem, "-", number, ".stray");
  return name;
}

}  // namespace

void SortProcesses(Model& model, pid_t first) {
  const auto order = [&](const std::unique_ptr<ProcessModel>& process) {
    return std::pair(process->process.pid() != first, process->process.start_ns());
  };
  std::stable_sort(model.processes.begin(), model.processes.end(),
                   [&](const auto& a, const auto& b) { return order(a) < order(b); });
}

Model CollectBoxes(absl::Span<const std::string> paths, const CollectOptions& options) {
  Model model;
  const Deadline deadline = Clock::now() + options.limit;
  for (const std::string& path : paths) CollectBox(path, options, deadline, model);
  SortProcesses(model, options.first);
  for (const std::unique_ptr<ProcessModel>& process : model.processes) process->Index();
  return model;
}

absl::StatusOr<std::vector<std::string>> WriteDumps(Model& model, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(absl::StrCat("\"", directory, "\": ", error.message()));
  std::vector<std::string> paths;
  std::set<std::string> taken;
  for (std::unique_ptr<ProcessModel>& process : model.processes) {
    const std::string path = (std::filesystem::path(directory) / DumpName(process->process, taken)).string();
    Model single;
    single.processes.push_back(std::move(process));
    single.damage = model.damage;
    absl::Status status = WriteDump(single, path);
    process = std::move(single.processes[0]);
    if (!status.ok()) return status;
    paths.push_back(path);
  }
  return paths;
}

}  // namespace stray::analyzer
