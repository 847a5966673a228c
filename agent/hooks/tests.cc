// SPDX-License-Identifier: Apache-2.0
// tests.cc: what stray/gtest.h and stray/check.h ask of the agent: whose test a task is, what a test has left
// behind, and what is proved of the process.
//
// The agent concludes nothing: where something may be left it takes a snapshot, and asks the command that
// watches the process, by a socket in the session (agent/wire/test_desk.h).
#include "agent/recorder/tests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/agent.h"
#include "agent/base/raw.h"
#include "agent/hooks/real.h"
#include "agent/recorder/settle.h"
#include "agent/recorder/snapshot.h"
#include "agent/wire/test_desk.h"

namespace stray::agent {
namespace {

using wire::DeskAnswer;
using wire::DeskQuestion;

constexpr uint64_t kMostAnswerBytes = 64 << 20;

constexpr uint64_t kPauseNs = 1'000'000;

// One test at a time: the snapshot that the command reads is that of the test that asks. Whoever waits can be
// walked for it. What another thread of the parent had is free in a forked child.
class DeskGuard {
 public:
  DeskGuard() {
    while (!TryLock()) {
      const uint32_t word = 0;
      FutexWait(&word, 0, kPauseNs);
      Snapshots::OfferIfWanted();
    }
  }
  ~DeskGuard() { __atomic_store_n(&holder_, 0, __ATOMIC_RELEASE); }
  DeskGuard(const DeskGuard&) = delete;
  DeskGuard& operator=(const DeskGuard&) = delete;

 private:
  static bool TryLock() {
    const int self = RawPid();
    int holder = __atomic_load_n(&holder_, __ATOMIC_RELAXED);
    return holder != self &&
           __atomic_compare_exchange_n(&holder_, &holder, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
  }

  static int holder_;  // process, 0: none
};
int DeskGuard::holder_ = 0;

class Connection {
 public:
  Connection() : fd_(RawCall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Connection() {
    if (fd_ >= 0) RawClose(static_cast<int>(fd_));
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A session's path may be longer than an address of a socket, so its directory is named by a descriptor.
  bool Open(const char* session) const {
    const int directory = RawOpen(session, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return false;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, "/proc/self/fd/");
    FormatUnsigned(static_cast<uint64_t>(directory), address.sun_path + strlen(address.sun_path));
    strcpy(address.sun_path + strlen(address.sun_path), wire::kDeskName);
    const long result = RawCall(SYS_connect, fd_, reinterpret_cast<long>(&address), sizeof(address));
    RawClose(directory);
    return result == 0;
  }

  bool Send(const void* data, size_t bytes) const {
    long sent;
    do {
      sent = RawCall(SYS_sendto, fd_, reinterpret_cast<long>(data), static_cast<long>(bytes), MSG_NOSIGNAL);
    } while (sent == -EINTR);
    return sent == static_cast<long>(bytes);
  }

  bool Receive(void* data, size_t bytes) const {
    auto* at = static_cast<char*>(data);
    while (bytes > 0) {
      AwaitInput();
      const long got = RawCall(SYS_read, fd_, reinterpret_cast<long>(at), static_cast<long>(bytes));
      if (got == -EINTR) continue;
      if (got <= 0) return false;
      at += got;
      bytes -= static_cast<size_t>(got);
    }
    return true;
  }

 private:
  // A snapshot that somebody else wants may need this thread meanwhile.
  void AwaitInput() const {
    for (;;) {
      pollfd input = {.fd = static_cast<int>(fd_), .events = POLLIN, .revents = 0};
      const timespec pause = {0, kPauseNs};
      const long result = RawCall(SYS_ppoll, reinterpret_cast<long>(&input), 1, reinterpret_cast<long>(&pause));
      if (result != 0 && result != -EINTR) return;  // reading will tell what is wrong
      Snapshots::OfferIfWanted();
    }
  }

  const long fd_;
};

// The text of an answer, in memory of its own.
class AnswerText {
 public:
  ~AnswerText() {
    if (text_ != nullptr) RawCall(SYS_munmap, reinterpret_cast<long>(text_), static_cast<long>(bytes_));
  }

  // Leaves a zero behind the text.
  bool Receive(const Connection& desk, uint64_t bytes) {
    if (bytes > kMostAnswerBytes) return false;
    bytes_ = bytes + 1;
    const long address = RawCall(SYS_mmap, 0, static_cast<long>(bytes_), PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address < 0 && address > -4096) return false;
    text_ = reinterpret_cast<char*>(address);
    return desk.Receive(text_, bytes);
  }

  const char* begin() const { return text_; }
  const char* end() const { return text_ + bytes_ - 1; }

 private:
  char* text_ = nullptr;
  uint64_t bytes_ = 0;
};

enum CheckResult : int { kNotWatched = -1, kChecked = 0, kNoAnswer = 1 };

CheckResult Ask(const InsideAgent& inside, Thread* self, AnswerText* text) {
  const uint32_t test = Tests::Of(self);
  SettleTest(inside, test, Agent::GetOptions().settle_ms * 1'000'000);
  if (!Tests::IsWorthALook(self)) return kChecked;
  const DeskGuard guard;
  const Connection desk;
  const DeskQuestion question = {.pid = RawPid(), .test = test};
  DeskAnswer answer = {};
  const bool answered =
      Snapshots::TakeLast(inside, {.reason = wire::SnapshotReason::kTest, .test = test}, nullptr) &&
      desk.Open(Agent::GetOptions().session) && desk.Send(&question, sizeof(question)) &&
      desk.Receive(&answer, sizeof(answer)) && text->Receive(desk, answer.bytes);
  return answered ? kChecked : kNoAnswer;
}

// What is read off a snapshot must be read before the next one is taken, so each is a connection of its own.
CheckResult AskForProved(const InsideAgent& inside, AnswerText* text) {
  const DeskGuard guard;
  for (const uint32_t what : {wire::kDeskProved, wire::kDeskProvedAgain}) {
    const Connection desk;
    const DeskQuestion question = {.pid = RawPid(), .test = what};
    DeskAnswer answer = {};
    const bool answered =
        Snapshots::TakeLast(inside, {.reason = wire::SnapshotReason::kRequest, .wants_proof = true}, nullptr) &&
        desk.Open(Agent::GetOptions().session) && desk.Send(&question, sizeof(question)) &&
        desk.Receive(&answer, sizeof(answer));
    if (!answered) return kNoAnswer;
    if (answer.bytes != wire::kDeskAgain) return text->Receive(desk, answer.bytes) ? kChecked : kNoAnswer;
    for (const uint64_t end = PreciseNow() + wire::kDeskWhileNs; PreciseNow() < end;) {
      const uint32_t word = 0;
      FutexWait(&word, 0, kPauseNs);
      Snapshots::OfferIfWanted();
    }
  }
  return kNoAnswer;
}

using Found = void (*)(const char* text, void* argument);

void Tell(const AnswerText& text, Found found, void* argument) {
  for (const char* at = text.begin(); at != nullptr && at < text.end(); at += strlen(at) + 1)
    found(at, argument);
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the functions below are the agent's C face

// The calling task belongs to a run of test `name`, null: to none. Returns what to resume afterwards.
STRAY_EXPORT uint32_t stray_agent_begin_test(const char* name) {
  Thread* self = CurrentThread();
  if (self == nullptr) return 0;
  InsideAgent inside;
  return Tests::Begin(inside, self, name);
}

STRAY_EXPORT void stray_agent_resume_test(uint32_t before) {
  Thread* self = CurrentThread();
  if (self != nullptr) Tests::Resume(self, before);
}

// Calls `found(text, argument)` for each finding on the test of the calling task, which ends now; may wait as
// long as tasks may settle. Returns 0; 1: there may be some, but nobody answers; -1: this process is not
// watched.
STRAY_EXPORT int stray_agent_check_test(void (*found)(const char* text, void* argument), void* argument) {
  Thread* self = CurrentThread();
  if (self == nullptr) return kNotWatched;
  AnswerText text;
  CheckResult result;
  {
    InsideAgent inside;
    result = Ask(inside, self, &text);
  }
  Tell(text, found, argument);
  return result;
}

// The same for each leak and deadlock of the process that is proved at this moment: its id, a newline, and what
// is to be said of it. The process goes on.
STRAY_EXPORT int stray_agent_check_leaks(void (*found)(const char* text, void* argument), void* argument) {
  if (CurrentThread() == nullptr) return kNotWatched;
  AnswerText text;
  CheckResult result;
  {
    InsideAgent inside;
    result = AskForProved(inside, &text);
  }
  Tell(text, found, argument);
  return result;
}
