// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/test_desk.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/wire/test_desk.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/read_box.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

constexpr int kBacklog = 64;
constexpr timeval kPatience = {1, 0};  // with one that has connected and says nothing

// All or nothing.
bool Receive(int fd, void* data, size_t bytes) {
  return recv(fd, data, bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes);
}

void Send(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0 && errno != EINTR) return;
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

// The process that is at the other end, as this one sees its number.
pid_t PeerOf(int fd) {
  ucred peer = {};
  socklen_t size = sizeof(peer);
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

// With the zero that ends it.
std::string Told(std::string text) {
  text.push_back('\0');
  return text;
}

absl::StatusOr<Model> ReadProcess(const Session& session, pid_t pid) {
  for (const std::string& path : session.BoxPaths(pid)) {
    absl::StatusOr<BoxView> box = BoxView::Open(path);
    if (!box.ok() || !box->IsAlive()) continue;
    Model model;
    absl::StatusOr<std::unique_ptr<ProcessModel>> process =
        ReadBox(*box, absl::StrCat("process ", pid), true, model.damage);
    if (!process.ok()) return process.status();
    model.processes.push_back(*std::move(process));
    return model;
  }
  return absl::NotFoundError("no black box");
}

}  // namespace

TestDesk::TestDesk(const Session& session, FileDescriptor listener, FindFailures find_failures)
    : session_(session), listener_(std::move(listener)), find_failures_(std::move(find_failures)) {}

absl::StatusOr<TestDesk> TestDesk::Open(const Session& session, FindFailures find_failures) {
  FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The path may be longer than an address of a socket: the directory is named by a descriptor.
  const FileDescriptor directory(open(session.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!listener.IsOpen() || !directory.IsOpen()) return absl::ErrnoToStatus(errno, "socket for tests");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = absl::StrCat("/proc/self/fd/", directory.get(), box::kDeskName);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    return absl::ErrnoToStatus(errno, "socket for tests");
  }
  return TestDesk(session, std::move(listener), std::move(find_failures));
}

void TestDesk::Serve() {
  const FileDescriptor peer(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!peer.IsOpen()) return;
  setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(peer.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  box::DeskQuestion question = {};
  if (!Receive(peer.get(), &question, sizeof(question))) return;
  const std::optional<std::string> text = AnswerFor(PeerOf(peer.get()), question.test);
  const box::DeskAnswer answer = {.bytes = text.has_value() ? text->size() : box::kDeskAgain};
  Send(peer.get(), {reinterpret_cast<const char*>(&answer), sizeof(answer)});
  if (text.has_value()) Send(peer.get(), *text);
}

std::optional<std::string> TestDesk::ProvedOf(Model& model, bool is_again) {
  ProcessModel& process = *model.processes.front();
  process.Index();
  const pid_t pid = process.process.pid();
  SnapshotModel& snapshot = process.snapshots.back();
  // Somebody else may have asked for one meanwhile; the process goes on all the same.
  snapshot.info.set_reason("request");
  if (snapshot.info.reach() != "complete") {
    WaitAges& waits = waits_[pid];
    if (!is_again) waits = WaitAges();
    waits.Add(snapshot);
    if (!is_again) return std::nullopt;
    KeepLastingWaits(waits, snapshot);
  }
  waits_.erase(pid);
  std::string text;
  for (const Finding& finding : find_failures_(model)) {
    const bool is_state = absl::StartsWith(finding.id, "leak.") || absl::StartsWith(finding.id, "deadlock.");
    if (is_state && finding.confidence == Confidence::kProved)
      text += Told(absl::StrCat(finding.id, "\n", FindingReport(finding, {})));
  }
  return text;
}

std::optional<std::string> TestDesk::AnswerFor(pid_t pid, uint32_t test) {
  absl::StatusOr<Model> model = ReadProcess(session_, pid);
  if (model.ok() && model->processes.front()->snapshots.empty()) model = absl::NotFoundError("no snapshot");
  if (!model.ok()) return Told(absl::StrCat("stray cannot see what is left: ", model.status().ToString()));
  if (test == box::kDeskProved || test == box::kDeskProvedAgain)
    return ProvedOf(*model, test == box::kDeskProvedAgain);
  ProcessModel& process = *model->processes.front();
  // Somebody else may have asked for one meanwhile; the end of the test is where the process stands all the
  // same.
  wire::Snapshot& info = process.snapshots.back().info;
  info.set_reason("test");
  info.set_test_number(test);
  std::string text;
  for (const Finding& finding : told_[pid].TakeNew(process, find_failures_(*model)))
    text += Told(FindingReport(finding, {}));
  return text;
}

}  // namespace stray::analyzer
