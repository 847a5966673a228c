// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "agent/agent.h"
#include "agent/base/raw.h"
#include "agent/hooks/real.h"
#include "agent/hooks/resumable_call.h"
#include "agent/recorder/box.h"
#include "agent/recorder/hold.h"
#include "agent/recorder/snapshot.h"
#include "agent/recorder/wait_profile.h"
#include "agent/wire/request.h"

namespace stray::agent {
namespace {

constexpr int kDeadly[] = {SIGSEGV, SIGBUS,  SIGILL, SIGFPE,  SIGABRT, SIGSYS,
                           SIGTRAP, SIGTERM, SIGINT, SIGQUIT, SIGHUP,  SIGALRM};

bool ours[NSIG];  // our handler stands where the program believes the default action to be
int snapshot_signal = 0;

bool IsDeadly(int signal) {
  for (int deadly : kDeadly) {
    if (deadly == signal) return true;
  }
  return false;
}

Registers FromContext(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
  Registers registers = {};
#if defined(__x86_64__)
  const auto at = [&](int index) { return static_cast<uint64_t>(machine.gregs[index]); };
  registers = {at(REG_RIP), at(REG_RSP), at(REG_RBP), at(REG_RBX),
               at(REG_R12), at(REG_R13), at(REG_R14), at(REG_R15)};
#elif defined(__aarch64__)
  registers.pc = machine.pc;
  registers.sp = machine.sp;
  registers.fp = machine.regs[29];
  registers.lr = machine.regs[30];
  for (int i = 0; i < 10; ++i) registers.x19_x28[i] = machine.regs[19 + i];
#endif
  return registers;
}

void SayDone(uint32_t request) {
  wire::BlackBoxHeader* box = Box::Header();
  __atomic_store_n(&box->done_seq, request, __ATOMIC_RELEASE);
  FutexWake(&box->done_seq);
}

// Takes the snapshot that a reader of the black box has asked for, if it has not been taken yet. A thread of
// the program's does not wait until it is known who can reach what: the reader sends the signal again.
void AnswerRequest(const InsideAgent& inside, const Registers* self, bool may_return_early) {
  wire::BlackBoxHeader* box = Box::Header();
  if (Snapshots::IsUnfinished()) {
    uint32_t request = 0;
    if (!Snapshots::FinishIfEnded(inside, &request)) return;
    SayDone(request);
  }
  const uint32_t asked = __atomic_load_n(&box->request_seq, __ATOMIC_ACQUIRE);
  if (asked == __atomic_load_n(&box->done_seq, __ATOMIC_ACQUIRE)) return;
  WaitProfile::FollowBox();
  const uint32_t request = __atomic_load_n(&box->request_reason, __ATOMIC_RELAXED);
  const SnapshotOrder order = {.reason = static_cast<wire::SnapshotReason>(request & wire::kRequestReasonMask),
                               .request = asked,
                               .wants_proof = (request & wire::kRequestProof) != 0,
                               .may_return_early = may_return_early};
  if (Snapshots::Take(inside, order, self)) SayDone(asked);
}

// Counts what was handed to a thread that does nothing but take snapshots; a futex word.
uint32_t handed_over = 0;
bool has_server = false;
Thread* interrupted = nullptr;                       // by the last request that was handed over
constexpr uint64_t kServerPauseNs = 10'000'000'000;  // a request is never lost for longer

// False: there is no such thread.
bool HandOver() {
  if (!__atomic_load_n(&has_server, __ATOMIC_ACQUIRE)) return false;
  __atomic_store_n(&interrupted, tls.self, __ATOMIC_RELAXED);
  __atomic_fetch_add(&handed_over, 1, __ATOMIC_RELEASE);
  FutexWake(&handed_over);
  return true;
}

bool IsRequested() {
  const wire::BlackBoxHeader* box = Box::Header();
  return __atomic_load_n(&box->request_seq, __ATOMIC_ACQUIRE) !=
         __atomic_load_n(&box->done_seq, __ATOMIC_ACQUIRE);
}

// Also while the last snapshot is taken: running threads are walked then, too.
bool IsWatching() {
  return (Agent::State() == AgentState::kOn || Agent::State() == AgentState::kDone) && Agent::IsOwnProcess();
}

void OnSnapshotSignal(int, siginfo_t*, void* context) {
  ++tls.own_signals;
  ResumableCall::NoteInterruption(context);
  if (!IsWatching()) return;
  const int saved_errno = errno;
  if (tls.inside != 0) {
    // In the middle of the agent's own work, perhaps with a lock of its own: InsideAgent comes back to it.
    tls.pending_snapshot = 1;
  } else {
    const Registers registers = FromContext(context);
    Thread* self = tls.self;
    InsideAgent inside;
    if (Snapshots::IsWanted(self)) Snapshots::OfferSelf(self, registers);
    Hold::WaitIfHeld(self, registers, context);
    if (IsRequested() && !HandOver()) AnswerRequest(inside, &registers, true);
  }
  errno = saved_errno;
}

void SetDefault(int signal) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  Real().sigaction(signal, &action, nullptr);
}

// Typed at the terminal that stray run shares with the program: means stray, which prints a report and goes on.
bool IsTerminalQuit(int signal, const siginfo_t* info) {
  return signal == SIGQUIT && info->si_code == SI_KERNEL;
}

void OnDeadlySignal(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool own = Agent::State() == AgentState::kOn && Agent::IsOwnProcess();
  if (own && IsTerminalQuit(signal, info)) {
    ++tls.own_signals;
    ResumableCall::NoteInterruption(context);
    return;
  }
  if (own && tls.inside == 0) {
    const Registers registers = FromContext(context);
    InsideAgent inside;
    wire::BlackBoxHeader* box = Box::Header();
    box->fatal_signal = signal;
    __atomic_store_n(&box->state, static_cast<uint32_t>(wire::ProcessState::kCrashed), __ATOMIC_RELEASE);
    Snapshots::TakeLast(inside, {.reason = wire::SnapshotReason::kCrash}, &registers);
  } else if (own) {
    Box::Header()->fatal_signal = signal;
    __atomic_store_n(&Box::Header()->state, static_cast<uint32_t>(wire::ProcessState::kCrashed),
                     __ATOMIC_RELEASE);
  }
  // A fault happens again when we return, now with the default action and its own siginfo; any other signal is
  // sent again and arrives when we return. abort() does the same by itself.
  SetDefault(signal);
  if (info->si_code <= 0 || signal == SIGABRT || signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
      signal == SIGALRM || signal == SIGQUIT) {
    RawCall(SYS_tgkill, RawPid(), RawTid(), signal);
  }
  errno = saved_errno;
}

// Unlike sigfillset(), also the two that libc keeps for itself: a thread cancelled in the middle of our handler
// would leave with our locks.
void BlockAll(sigset_t* mask) { memset(mask, 0xff, sizeof(*mask)); }

void InstallDeadly(int signal) {
  struct sigaction action = {};
  action.sa_sigaction = &OnDeadlySignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  BlockAll(&action.sa_mask);
  ours[signal] = Real().sigaction(signal, &action, nullptr) == 0;
}

bool IsDefault(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

// Signals whose handlers a program may use to post a semaphore or wake a futex.
bool CouldWake(int signal, const struct sigaction& action) {
  if (IsDefault(action) || action.sa_handler == SIG_IGN) return false;
  return signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE && signal != SIGABRT &&
         signal != SIGTRAP && signal != SIGSYS && signal != SIGPIPE && signal != SIGCHLD && signal != SIGWINCH;
}

}  // namespace

int SnapshotSignal() { return snapshot_signal; }

void InstallSignals() {
  const uint64_t wish = Agent::GetOptions().signal;
  snapshot_signal = wish > 0 && wish < NSIG ? static_cast<int>(wish) : SIGRTMAX - 5;
  struct sigaction current = {};
  for (int signal : kDeadly) {
    if (Real().sigaction(signal, nullptr, &current) == 0 && IsDefault(current)) InstallDeadly(signal);
  }
  struct sigaction action = {};
  action.sa_sigaction = &OnSnapshotSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  BlockAll(&action.sa_mask);
  if (Real().sigaction(snapshot_signal, nullptr, &current) == 0 && IsDefault(current)) {
    ours[snapshot_signal] = Real().sigaction(snapshot_signal, &action, nullptr) == 0;
  }
}

void InsideAgent::RunPending() {
  tls.pending_snapshot = 0;
  if (!IsWatching()) return;
  // The registers are those of here, inside the agent; its frames are dropped from the stack.
  Registers registers = {};
  STRAY_SAVE_REGISTERS(registers);
  Thread* self = tls.self;
  InsideAgent inside;
  if (Snapshots::IsWanted(self)) Snapshots::OfferSelf(self, registers);
  Hold::WaitIfHeld(self, registers);
  if (IsRequested() && !HandOver()) AnswerRequest(inside, nullptr, true);
}

void Signals::ServeRequests(const InsideAgent& inside) {
  if (__atomic_exchange_n(&has_server, true, __ATOMIC_ACQ_REL)) return;
  for (;;) {
    const uint32_t seen = __atomic_load_n(&handed_over, __ATOMIC_ACQUIRE);
    if (IsWatching() && IsRequested()) {
      const Thread* thread = __atomic_exchange_n(&interrupted, nullptr, __ATOMIC_RELAXED);
      if (thread != nullptr) Snapshots::AwaitReturn(thread);
      AnswerRequest(inside, nullptr, false);
    }
    FutexWait(&handed_over, seen, kServerPauseNs);
  }
}

void Signals::ForgetServer() {
  has_server = false;
  interrupted = nullptr;
}

}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT int sigaction(int signal, const struct sigaction* action, struct sigaction* old) noexcept {
  const bool known = signal > 0 && signal < NSIG;
  const bool was_ours = known && ours[signal];
  if (was_ours && action == nullptr) {
    if (old != nullptr) *old = {};
    return 0;
  }
  const int result = Real().sigaction(signal, action, old);
  if (result != 0 || action == nullptr || !known) return result;
  ours[signal] = false;
  if (was_ours && old != nullptr) *old = {};
  if (Agent::State() == AgentState::kOn) {
    if (IsDeadly(signal) && IsDefault(*action)) InstallDeadly(signal);
    if (CouldWake(signal, *action))
      __atomic_fetch_or(&Box::Header()->flags, wire::kBoxHasSignalHandlers, __ATOMIC_RELAXED);
  }
  return result;
}

STRAY_EXPORT sighandler_t signal(int signal, sighandler_t handler) noexcept {
  const bool known = signal > 0 && signal < NSIG;
  const bool was_ours = known && ours[signal];
  const sighandler_t old = Real().signal(signal, handler);
  if (old == SIG_ERR || !known) return old;
  ours[signal] = false;
  if (Agent::State() == AgentState::kOn) {
    struct sigaction action = {};
    action.sa_handler = handler;
    if (IsDeadly(signal) && IsDefault(action)) InstallDeadly(signal);
    if (CouldWake(signal, action))
      __atomic_fetch_or(&Box::Header()->flags, wire::kBoxHasSignalHandlers, __ATOMIC_RELAXED);
  }
  return was_ours ? SIG_DFL : old;
}
