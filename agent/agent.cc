// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent/base/raw.h"
#include "agent/hooks/child_environment.h"
#include "agent/hooks/real.h"
#include "agent/hooks/signals.h"
#include "agent/hooks/thread_end.h"
#include "agent/recorder/box.h"
#include "agent/recorder/creations.h"
#include "agent/recorder/exec_mark.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/libc_threads.h"
#include "agent/recorder/lock_order.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/notice.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/reach/reach.h"
#include "agent/recorder/record.h"
#include "agent/recorder/session_owner.h"
#include "agent/recorder/settle.h"
#include "agent/recorder/sites.h"
#include "agent/recorder/snapshot.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"
#include "agent/recorder/trace.h"
#include "agent/recorder/unwind_shims.h"
#include "agent/recorder/wait_profile.h"
#include "agent/wire/heap_abi.h"

namespace stray::agent {

constinit thread_local ThreadLocal tls = {};

namespace {

AgentState state = AgentState::kOff;
Options options;
int own_pid = 0;
int parent_box_pid = 0;  // in a forked child: the process it was forked from
SpinLock start_lock;

uint64_t ProcessStart() {
  char text[1024] = {};
  if (ReadFile("/proc/self/stat", text, sizeof(text) - 1) <= 0) return 0;
  const char* at = strrchr(text, ')');  // the name before may hold anything
  for (int field = 2; at != nullptr && field < 22; ++field) {
    at = strchr(at, ' ');
    if (at != nullptr) ++at;
  }
  return at == nullptr ? 0 : ParseUnsigned(&at);
}

uint32_t AddCommandLine() {
  char text[4096];
  long n = ReadFile("/proc/self/cmdline", text, sizeof(text) - 1);
  if (n <= 0) return 0;
  for (long i = 0; i < n; ++i) {
    if (text[i] == '\n') text[i] = ' ';
    if (text[i] == '\0') text[i] = '\n';
  }
  while (n > 0 && text[n - 1] == '\n') --n;
  return Box::AddString(text, static_cast<size_t>(n));
}

uint32_t AddLink(const char* path) {
  char text[4096];
  const long n = RawCall(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(path), reinterpret_cast<long>(text),
                         sizeof(text));
  return n <= 0 ? 0 : Box::AddString(text, static_cast<size_t>(n));
}

// A sanitizer's shared runtime stands behind us, a static one is part of the program.
const void* ObjectOf(const char* function) {
  Dl_info info;
  const void* address = dlsym(RTLD_DEFAULT, function);
  return address == nullptr || dladdr(address, &info) == 0 ? nullptr : info.dli_fbase;
}

// gcc's static runtime shows no function of its own, only those that it stands before: nothing else stands
// before both of these.
bool HasTsan() {
  if (dlsym(RTLD_DEFAULT, "__tsan_init") != nullptr) return true;
  const void* locks = ObjectOf("pthread_mutex_lock");
  return locks != nullptr && locks == ObjectOf("__cxa_guard_acquire");
}

uint32_t SanitizerFlags() {
  const bool has_tsan = HasTsan();
  const bool is_shared = Real().sanitizer_below;
  return (has_tsan || is_shared ? wire::kBoxSanitizer : 0) | (has_tsan ? wire::kBoxTsan : 0) |
         (is_shared ? wire::kBoxHearsTsan : 0);
}

// Where ThreadSanitizer has been told to write its reports.
uint32_t AddTsanLog() {
  const char* text = getenv("TSAN_OPTIONS");
  const char* path = text == nullptr ? nullptr : strstr(text, "log_path=");
  if (path == nullptr) return 0;
  path += strlen("log_path=");
  const char quote = *path == '"' || *path == '\'' ? *path : '\0';
  const char end[] = {quote, '\0'};
  return quote == '\0' ? Box::AddString(path, strcspn(path, ": ,\t\n"))
                       : Box::AddString(path + 1, strcspn(path + 1, end));
}

void DescribeProcess() {
  wire::BlackBoxHeader* box = Box::Header();
  box->pid = own_pid;
  box->parent_pid = static_cast<int>(RawCall(SYS_getppid));
  box->process_start = ProcessStart();
  box->start_ns = PreciseNow();
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  box->start_realtime_ns =
      static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
  box->exit_status = -1;
  box->program_path = AddLink("/proc/self/exe");
  box->command_line = AddCommandLine();
  box->working_directory = AddLink("/proc/self/cwd");
  box->agent_version = Box::AddString(STRAY_VERSION);
  box->forked_from = static_cast<uint32_t>(parent_box_pid);
  box->flags |= SanitizerFlags();
  if ((box->flags & wire::kBoxTsan) != 0) box->tsan_log = AddTsanLog();
}

bool InitializeTables() {
  return Threads::Initialize() && Objects::Initialize() && Stacks::Initialize() && LockOrder::Initialize() &&
         Sites::Initialize() && Creations::Initialize() &&
         WaitProfile::Initialize(options.block_rate_ns, options.mutex_fraction);
}

// The calling thread is the first one that this black box knows.
bool AddFirstThread(const InsideAgent& inside, uint32_t flags) {
  Thread* thread = Threads::Create(inside, nullptr, 0, 0);
  if (thread == nullptr) return false;
  thread->record->flags |= flags;
  RawCall(SYS_prctl, PR_GET_NAME, reinterpret_cast<long>(thread->record->name));
  Threads::Bind(inside, thread);
  ArmThreadEnd(thread);
  return true;
}

// This process goes unwatched, and gets back what was taken from it. The report says so, not the program's
// standard error. Where even that fails the session is over, or the parent, which is watched, counts it.
bool GiveUp(const char* why) {
  Box::Discard();
  PrivateRelease();
  if (!LeaveNotice(options.session, why)) Box::CountInParent(wire::Loss::kChildren);
  Box::ForgetParent();
  return false;
}

// Memory that is used again is not what it was before.
void WatchFree() {
  const auto watch =
      reinterpret_cast<decltype(&stray_heap_watch_free)>(dlsym(RTLD_DEFAULT, "stray_heap_watch_free"));
  if (watch != nullptr) watch(&Trace::Freed);
}

bool Start(const InsideAgent& inside, uint32_t first_thread_flags) {
  own_pid = RawPid();
  if (IsSessionOver(options.session)) {
    PrivateRelease();
    Box::ForgetParent();
    return false;
  }
  if (const char* why = Box::Create(options.session); why != nullptr) return GiveUp(why);
  Modules::Initialize();
  Trace::Initialize(static_cast<TraceMode>(options.trace), options.session);
  if (!InitializeTables()) return GiveUp("no address space is left for the agent's tables");
  DescribeProcess();
  InitializeThreadEnd();
  if (!AddFirstThread(inside, first_thread_flags))
    return GiveUp("the file system of the session directory is full");
  Box::ForgetParent();
  if (options.prove != 0) Reach::Prepare();
  if (options.trace != 0) WatchFree();
  InstallSignals();
  Box::Header()->snapshot_signal = static_cast<uint32_t>(SnapshotSignal());
  __atomic_store_n(&Box::Header()->state, static_cast<uint32_t>(wire::ProcessState::kRunning),
                   __ATOMIC_RELEASE);
  state = AgentState::kOn;
  return true;
}

// Locks that the forking thread held are held by the child's only thread, too.
struct Inherited {
  uint64_t address;
  uint16_t kind, flags;
  wire::Site site;
  bool by_self;  // else by a thread that fork does not copy: nobody will ever release it in the child
};
constexpr uint32_t kMaxInherited = 64;
Inherited inherited[kMaxInherited];
uint32_t inherited_count = 0;

void RememberHeld(const Thread* thread) {
  const uint32_t count = __atomic_load_n(&thread->record->held_count, __ATOMIC_ACQUIRE);
  for (uint32_t i = 0; i < count && i < thread->held_capacity && inherited_count < kMaxInherited; ++i) {
    const wire::HeldLock held = thread->held[i];
    if (held.object == 0) continue;
    const wire::ObjectRecord* object = Objects::Record(held.object);
    // A stack as site is a record of the parent's black box.
    const wire::Site site = (held.site & wire::kSiteIsStack) != 0 ? 0 : held.site;
    inherited[inherited_count++] = {object->address, object->kind, held.flags, site, thread == tls.self};
  }
}

// Stands for all threads of the parent that fork did not copy.
Thread* AddLeftBehind(const InsideAgent& inside) {
  Thread* thread = Threads::Create(inside, nullptr, 0, 0);
  if (thread == nullptr) return nullptr;
  strcpy(thread->record->name, "not copied by fork");
  thread->record->flags |= wire::kTaskDetached;
  thread->record->state = static_cast<uint8_t>(wire::TaskState::kFinished);
  return thread;
}

void RestoreHeld(const InsideAgent& inside) {
  Thread* left_behind = nullptr;
  for (uint32_t i = 0; i < inherited_count; ++i) {
    const Inherited& held = inherited[i];
    auto* address = reinterpret_cast<void*>(held.address);
    uint32_t object = 0;
    if (held.kind == static_cast<uint16_t>(wire::ObjectKind::kMutex)) {
      object = Objects::Mutex(inside, static_cast<pthread_mutex_t*>(address), held.site);
    } else if (held.kind == static_cast<uint16_t>(wire::ObjectKind::kRwlock)) {
      object = Objects::Rwlock(inside, static_cast<pthread_rwlock_t*>(address), held.site);
    }
    if (object == 0) continue;
    if (!held.by_self && left_behind == nullptr) left_behind = AddLeftBehind(inside);
    Thread* holder = held.by_self ? tls.self : left_behind;
    if (holder != nullptr) PushHeld(holder, object, held.flags, held.site);
  }
  inherited_count = 0;
}

void StartInForkedChild() {
  SpinGuard guard(start_lock);
  if (state != AgentState::kForked) return;
  state = AgentState::kOff;  // whatever happens, only one try
  InsideAgent inside;
  if (Start(inside, wire::kTaskMain | wire::kTaskForked)) RestoreHeld(inside);
}

// A thread that no hook has seen start: made by libc, or by a raw clone.
Thread* Adopt() {
  InsideAgent inside;
  Thread* thread = Threads::Create(inside, nullptr, 0, 0);
  if (thread == nullptr) {
    tls.ended = 1;  // counted; do not try again at each call
    return nullptr;
  }
  thread->record->flags |= wire::kTaskAdopted | wire::kTaskDetached;
  RawCall(SYS_prctl, PR_GET_NAME, reinterpret_cast<long>(thread->record->name));
  Threads::Bind(inside, thread);
  ArmThreadEnd(thread);
  return thread;
}

void OnQuickExit() { Agent::Finish(wire::SnapshotReason::kQuickExit, -1); }

// Path of libstray_heap.so; "": it is not there.
const char* HeapLibrary() {
  Dl_info heap;
  const void* describe = dlsym(RTLD_DEFAULT, "stray_heap_describe");
  return describe == nullptr || dladdr(describe, &heap) == 0 ? "" : heap.dli_fname;
}

__attribute__((constructor(101))) void OnLoad() {
  ResolveRealFunctions();
  ReadOptions(environ, &options);
  if (options.session[0] == '\0') return;
  LibcThreads::Initialize();
  Dl_info agent;
  if (dladdr(reinterpret_cast<void*>(&OnQuickExit), &agent) != 0) {
    ChildEnvironment::Remember(environ, agent.dli_fname, options.prove != 0 ? HeapLibrary() : "");
  }
  ExecMark::Remove(options.session, RawPid());
  {
    InsideAgent inside;
    if (!Start(inside, wire::kTaskMain)) return;
  }
  tls.active = tls.self;
  pthread_atfork(&Agent::BeforeFork, &Agent::AfterForkInParent, &Agent::AfterForkInChild);
  at_quick_exit(&OnQuickExit);  // registered first, so it runs last
}

__attribute__((destructor(101))) void OnUnload() { Agent::Finish(wire::SnapshotReason::kExit, -1); }

}  // namespace

AgentState Agent::State() { return state; }
const Options& Agent::GetOptions() { return options; }
bool Agent::IsOwnProcess() { return RawPid() == own_pid; }

void Agent::Finish(wire::SnapshotReason reason, int status) {
  if (state != AgentState::kOn || !IsOwnProcess()) return;
  state = AgentState::kDone;
  InsideAgent inside;
  wire::BlackBoxHeader* box = Box::Header();
  if (status != -1) box->exit_status = status;
  __atomic_store_n(&box->state, static_cast<uint32_t>(wire::ProcessState::kExiting), __ATOMIC_RELEASE);
  // Where nothing can run nothing will end, and who dies of a fault does not wait.
  const bool settles = reason == wire::SnapshotReason::kExit || reason == wire::SnapshotReason::kQuickExit;
  if (settles) Settle(inside, options.settle_ms * 1'000'000);
  Snapshots::TakeLast(inside, {.reason = reason, .is_final = true}, nullptr);
  __atomic_store_n(&box->state, static_cast<uint32_t>(wire::ProcessState::kExited), __ATOMIC_RELEASE);
}

void Agent::BeforeFork() {
  inherited_count = 0;
  if (state == AgentState::kOn && Box::IsOpen()) {
    for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
      const Thread* thread = Threads::At(slot);
      if (thread->record != nullptr && thread->record->serial != 0) RememberHeld(thread);
    }
  }
  // From here to the end of the fork this thread holds a lock of ours: a snapshot, or a handler of the program,
  // that comes now must not ask for it.
  ++tls.inside;
  tls.active = nullptr;
  LockUnwinder();
}

void Agent::AfterForkInParent() {
  UnlockUnwinder();
  if (--tls.inside == 0) tls.active = tls.self;
  InsideAgent inside;  // at its end does what has been asked for meanwhile
}

// Only marks: most children exec at once, and must not pay for a black box. The parent's must not be touched.
void Agent::AfterForkInChild() {
  ResetUnwinderLock();
  if (state == AgentState::kOff) {
    --tls.inside;
    return;
  }
  Snapshots::Reset();
  ResetSettle();
  Goroutines::Forget();
  Signals::ForgetServer();
  parent_box_pid = own_pid;
  own_pid = RawPid();
  Box::Abandon();
  PrivateReset();
  tls.active = nullptr;
  tls.self = nullptr;
  tls.inside = 0;
  tls.pending_snapshot = 0;
  start_lock.Unlock();
  state = options.follow != 0 ? AgentState::kForked : AgentState::kOff;
}

void Agent::BeginExec() {
  if (state == AgentState::kOn && IsOwnProcess()) {
    __atomic_store_n(&Box::Header()->state, static_cast<uint32_t>(wire::ProcessState::kExec), __ATOMIC_RELEASE);
  }
}

void Agent::CancelExec() {
  if (state == AgentState::kOn && IsOwnProcess()) {
    __atomic_store_n(&Box::Header()->state, static_cast<uint32_t>(wire::ProcessState::kRunning),
                     __ATOMIC_RELEASE);
  }
}

Thread* CurrentThreadSlow() {
  if (tls.inside != 0) {
    if (state == AgentState::kOn && Box::IsOpen()) Box::Count(wire::Loss::kNested);
    return nullptr;
  }
  if (tls.ended != 0) return nullptr;
  if (state == AgentState::kForked) StartInForkedChild();
  if (state != AgentState::kOn) return nullptr;
  if (tls.self == nullptr && Adopt() == nullptr) return nullptr;
  return tls.active = tls.self;
}

}  // namespace stray::agent
