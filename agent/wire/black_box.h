// SPDX-License-Identifier: Apache-2.0
// black_box.h: the layout of the black box, the shared file in which a running agent keeps its state.
//
//   | BlackBoxHeader | region | region | ... |     one file a process, mapped shared, sparse
//
// The agent writes with plain and atomic stores; whoever maps the file (stray run, stray snapshot, or a
// reader after the process is gone) reads. A region is an array of fixed-size records, or a pool of
// words or bytes. Regions have fixed places in the (sparse) file, so that neither side ever moves
// anything; `used` says how many records (words, bytes) are in use and only grows.
//
// Invariants
//   - Every record is zero before it is published; a reader must take a zero id as "not there yet".
//   - An index into a region counts from 1, also of words and strings: 1 is the record at the region's offset;
//     0 means none. Only what lies in the pool is named by its byte offset, and its first 8 bytes are not used.
//   - Text and layout are the same on every architecture we support: little-endian, 8-byte pointers.
//   - The black box is read by the same version of stray that wrote it. The portable form is the dump.
//   - A reader must treat everything here as hostile: bounds first, then use.
//
// Names live in stray::box and can be used as stray::wire::X. Four of them (TaskState, Event, Site, Sighting)
// are also messages of dump.proto: where both headers are included, wire::X is the message and box::X is this.
#ifndef STRAY_AGENT_WIRE_BLACK_BOX_H_
#define STRAY_AGENT_WIRE_BLACK_BOX_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "agent/wire/kinds.h"

namespace stray::box {

inline constexpr char kBlackBoxMagic[8] = {'S', 'T', 'R', 'A', 'Y', 'B', 'O', 'X'};
inline constexpr uint32_t kBlackBoxVersion = 8;
// A process that could make no box leaves a symbolic link PID.N.unwatched beside the boxes. It leads nowhere:
// its target is "START_NS\nWHY\nPROGRAM", START_NS on the clock of BlackBoxHeader::start_ns.
inline constexpr char kBoxSuffix[] = ".box";
inline constexpr char kNoticeSuffix[] = ".unwatched";
inline constexpr size_t kMaxStackFrames = 256;  // what is deeper is cut, and StackRecord says so
inline constexpr size_t kHeldInline = 16;       // more held locks go to a HeldLock array in the pool region
inline constexpr size_t kEventRing = 64;        // recent events kept per task, a power of two
inline constexpr size_t kChainSightings = 8;    // remembered for each lock chain
inline constexpr size_t kTaskName = 64;

enum class RegionId : uint32_t {
  kTasks,        // TaskRecord
  kObjects,      // ObjectRecord
  kStacks,       // StackRecord
  kWords,        // uint64_t: the frames of stacks
  kChains,       // LockChainRecord
  kPool,         // bytes, 8-aligned: ChainEntry arrays, HeldLock arrays
  kMisuses,      // MisuseRecord
  kModules,      // ModuleRecord
  kStrings,      // bytes, each string ends with a zero byte
  kGaps,         // GapRecord
  kSnapshot,     // SnapshotTask, valid as SnapshotHeader says
  kGoroutines,   // GoroutineState, belongs to the snapshot
  kCreations,    // CreationRecord
  kLives,        // LifeRecord
  kHeld,         // HeldLock of goroutines, belongs to the snapshot
  kCases,        // CaseRecord, belongs to the snapshot
  kUses,         // UseRecord, belongs to the snapshot
  kPrints,       // bytes: what a sanitizer in the process has printed, in order
  kReportTasks,  // ReportTask
  kReach,        // ReachRecord (reach.h), belongs to the snapshot
  kWaitTotals,   // WaitTotal (wait_totals.h)
  kTraceSlots,   // TraceSlot (trace_ring.h)
  kTrace,        // chunks of the trace (trace_ring.h)
  kCount
};

// Where one region lies. `used` counts records (or words, bytes); it is published with release order.
struct Region {
  uint64_t offset;    // from the start of the file
  uint64_t capacity;  // records (words, bytes) that fit
  uint64_t used;
  uint32_t record_bytes;
  uint32_t reserved;
};

enum class ProcessState : uint32_t {
  kStarting,
  kRunning,
  kExiting,  // inside the final check
  kExited,   // the final snapshot is complete; exit_status is valid if known
  kCrashed,  // a fatal signal; fatal_signal is valid
  kExec,     // replaced by another program
};

enum class SnapshotReason : uint32_t {
  kNone,
  kExit,       // the program ended: atexit and static destructors are through
  kQuickExit,  // _exit, _Exit, quick_exit: other threads may still have been at work
  kCrash,      // fatal signal
  kRequest,    // stray snapshot, SIGQUIT
  kHang,       // stray run found that nothing moves any more
  kTimeout,    // --timeout
  kTest,       // a test of the program has ended: SnapshotHeader::test
};

// The snapshot in region kSnapshot. Written between begin_seq = n and end_seq = n; valid when both are
// equal and not zero. One snapshot is kept, the newest.
struct SnapshotHeader {
  uint64_t begin_seq;
  uint64_t end_seq;
  uint64_t time_ns;          // CLOCK_MONOTONIC
  uint64_t stall_ns;         // how long taking it took
  uint32_t reason;           // SnapshotReason
  uint32_t task_count;       // records in region kSnapshot
  uint32_t taken_by;         // serial of the task that took it
  uint32_t unknown_tids;     // kernel threads of the process that no hook has seen
  uint32_t goroutine_count;  // records in region kGoroutines
  uint32_t test;             // kTest: which, as in TaskRecord::test
  uint64_t pending_calls;    // functions of the program that timers of the runtime will call
  uint32_t reach_state;      // ReachState: reach.h
  uint32_t copy_ended;       // 1: who can reach what has been worked out; the next signal finishes the snapshot
  uint32_t request;          // request_seq that it was taken for, 0: none
  uint32_t is_final;         // 1: the process ends, and no request is answered any more
};

struct BlackBoxHeader {
  char magic[8];
  uint32_t version;
  uint32_t header_bytes;
  uint64_t file_bytes;
  int32_t pid;
  int32_t parent_pid;
  uint64_t process_start;      // field 22 of /proc/self/stat, to tell a reused pid
  uint64_t start_ns;           // CLOCK_MONOTONIC when the agent came up
  uint64_t start_realtime_ns;  // CLOCK_REALTIME at the same moment
  uint64_t now_coarse_hint;    // reserved
  uint32_t state;              // ProcessState, stored with release order
  int32_t exit_status;         // what was passed to exit(); -1 unknown
  int32_t fatal_signal;
  uint32_t snapshot_signal;    // send this signal to ask for a snapshot
  uint32_t request_seq;        // reader adds 1, sends the signal ...
  uint32_t done_seq;           // ... and waits until this has caught up (futex word)
  uint32_t request_reason;     // SnapshotReason for the request
  uint32_t life_clock;         // counts creations, ends and joins of tasks; orders them without a clock
  uint32_t exiting_task;       // serial of the task that runs exit handlers, 0: none
  uint32_t flags;              // kBox* below
  uint32_t program_path;       // strings
  uint32_t command_line;       // strings: arguments joined by '\n'
  uint32_t working_directory;  // strings
  uint32_t forked_from;        // pid this process was forked from while under the agent, or 0
  uint32_t agent_version;      // strings
  uint32_t tsan_log;           // strings: what TSAN_OPTIONS says as log_path
  // How many of the waits that end are counted (agent/recorder/wait_profile.h). A reader may change it: the
  // agent looks here at the next request.
  uint32_t mutex_fraction;    // one of so many waits for locks; 0: none
  uint64_t block_rate_ns;     // one wait for so much waiting; 0: none
  uint64_t profile_until_ns;  // CLOCK_MONOTONIC: none after that; 0: without end
  SnapshotHeader snapshot;
  Region regions[static_cast<size_t>(RegionId::kCount)];
  uint64_t losses[32];               // by Loss
  alignas(64) uint64_t trace_clock;  // see trace_ring.h; alone in its cache line
  uint64_t reserved1[15];
};
static_assert(static_cast<size_t>(Loss::kCount) <= 32);

inline constexpr uint32_t kBoxHasSignalHandlers = 1;  // the program catches signals that could post or wake
inline constexpr uint32_t kBoxSanitizer = 2;          // a sanitizer runtime is in the process
inline constexpr uint32_t kBoxRuntime = 4;            // stray's goroutine runtime has started in it
inline constexpr uint32_t kBoxTsan = 8;               // ThreadSanitizer's runtime is in the process
inline constexpr uint32_t kBoxHearsTsan = 16;         // ... and hands on to the agent what it prints

// A place in the code: a code address, or, with the top bit set, the index of a StackRecord (used where
// one address would only name a wrapper such as std::mutex::lock). Addresses are return addresses:
// subtract 1 before looking up the line.
using Site = uint64_t;
inline constexpr Site kSiteIsStack = uint64_t{1} << 63;

enum HeldFlags : uint32_t {
  kHeldRead = 1,  // rwlock taken for reading
  kHeldTry = 2,   // taken by a try or timed variant: cannot be the blocking end of an order
  kHeldRecursive = 4,
};

struct HeldLock {
  uint32_t object;  // kObjects
  uint16_t flags;   // HeldFlags
  uint16_t count;   // recursive depth, 1 for most
  Site site;
  uint64_t chain;  // hash over this entry and all below it
};
static_assert(sizeof(HeldLock) == 24 && std::is_trivially_copyable_v<HeldLock>);

// | site:64 | object:32 | kind:8 sequence:24 |   `sequence` orders the events of one object, modulo 2^24.
struct Event {
  Site site;
  uint32_t object;         // kObjects; for create, join and detach: the serial of the other task
  uint32_t kind_sequence;  // EventKind in the low 8 bits, sequence above
};
static_assert(sizeof(Event) == 16 && std::is_trivially_copyable_v<Event>);

enum class TaskKind : uint8_t { kThread = 1, kGoroutine = 2, kFiber = 3 };
enum class TaskState : uint8_t {
  kNone = 0,
  kCreated = 1,
  kRunning = 2,
  kBlocked = 3,
  kFinished = 4,
  kRunnable = 5
};

enum TaskFlags : uint32_t {
  kTaskMain = 1,
  kTaskDetached = 2,
  kTaskJoined = 4,
  kTaskAdopted = 8,  // not created through a hook: seen at its first event
  kTaskCancelled = 16,
  kTaskInExit = 32,          // inside exit handlers
  kTaskAgent = 64,           // the agent's own
  kTaskSignalBlocked = 128,  // did not answer the snapshot signal because it blocks it
  kTaskForked = 256,         // the one thread that survives fork
  kTaskMachine = 512,        // runs goroutines, and is no task of the program's own
};

enum WaitFlags : uint16_t {
  kWaitTimed = 1,      // ends by itself at a deadline
  kWaitShared = 2,     // the object lives in memory shared with other processes
  kWaitHeldStack = 4,  // registers are kept: the stack can be walked
};

// One task. The owner writes; `wait_seq` is odd while it is blocked and steps at each change, so a reader
// that copies the record between two equal values has a consistent picture of the wait.
struct TaskRecord {
  uint32_t serial;  // task id: 1, 2, 3, ... never reused while the process lives; 1 is main
  uint8_t kind;     // TaskKind
  uint8_t state;    // TaskState
  uint16_t reserved0;
  uint32_t flags;          // TaskFlags
  int32_t tid;             // kernel thread id, 0 before it runs
  uint32_t parent;         // serial of the creator, 0 unknown
  uint32_t create_stack;   // kStacks: where it was created
  uint64_t handle;         // pthread_t
  uint64_t start_routine;  // address of its function
  uint64_t create_ns;      // CLOCK_MONOTONIC_COARSE
  uint64_t end_ns;
  uint32_t create_life;  // BlackBoxHeader::life_clock at creation / start / end / join
  uint32_t start_life;
  uint32_t end_life;
  uint32_t join_life;
  uint32_t joined_by;  // serial
  uint32_t join_stack;
  char name[kTaskName];
  // what it waits for
  uint32_t wait_seq;
  uint16_t wait_reason;    // WaitReason
  uint16_t wait_flags;     // WaitFlags
  uint64_t wait_address;   // of the object; fd number for descriptors
  uint32_t wait_object;    // kObjects, 0: none
  uint32_t wait_task;      // serial of the task waited for (join), or 0
  uint64_t wait_since_ns;  // CLOCK_MONOTONIC_COARSE
  Site wait_site;
  uint64_t wait_extra;  // condition: object of its mutex; timed waits: nothing; futex: expected value
  uint64_t waits;       // how many waits it has begun; with event_head a measure of progress
  // what it holds
  uint32_t held_count;
  uint32_t held_capacity;   // of held_more, 0: only inline
  uint64_t held_more;       // kPool offset of a HeldLock array that holds ALL entries once inline is too small
  uint32_t event_head;      // events recorded so far; the ring holds the last kEventRing
  uint32_t life_epoch;      // life_clock at the task's last create or join
  uint64_t last_site;       // site of the last recorded event or wait
  int32_t cpu_state;        // state letter of /proc at the snapshot ('S', 'R', 'D', ...), 0: not read
  uint32_t snapshot_stack;  // kStacks: filled in by a snapshot
  uint64_t kernel_call;     // number of the system call it is in at the snapshot, plus 1; 0: not read
  uint32_t labels;          // strings, 0: none; filled in by a snapshot: see GoroutineState
  uint32_t test;            // strings: name of the test it belongs to, a string for each run of one; 0: none
  uint64_t reserved1[23];
  HeldLock held[kHeldInline];
  uint8_t reserved2[136];
  // | the part above is copied into snapshots | events |
  Event events[kEventRing];
};
inline constexpr size_t kTaskSnapshotBytes = offsetof(TaskRecord, events);
static_assert(sizeof(TaskRecord) % 64 == 0 && std::is_trivially_copyable_v<TaskRecord>);

// Held locks of a task in a snapshot that do not fit inline are still in the pool under held_more.
struct SnapshotTask {
  uint8_t task[kTaskSnapshotBytes];  // the first kTaskSnapshotBytes of its TaskRecord
};
static_assert(sizeof(SnapshotTask) % 8 == 0);

enum ObjectFlags : uint16_t {
  kObjectShared = 1,  // process-shared, or in memory shared with other processes
  kObjectRobust = 2,
  kObjectRecursive = 4,
  kObjectErrorCheck = 8,
  kObjectDestroyed = 16,
  kObjectOnStack = 32,  // lay on a thread's stack when first seen
  kObjectPrioInherit = 64,
  kObjectPrefersWriter = 128,  // rwlock kind PREFER_WRITER_NONRECURSIVE
  kObjectClosed = 256,         // channel
};

struct ObjectRecord {
  uint64_t address;
  uint8_t kind;  // ObjectKind
  uint8_t reserved0;
  uint16_t flags;         // ObjectFlags
  uint32_t created_by;    // serial of the task that initialized it or used it first
  uint32_t create_stack;  // kStacks: where it was initialized, 0: static or not seen
  uint32_t name;          // strings, 0: none
  Site first_site;        // first use
  uint64_t value;         // semaphore: last known value; barrier: count; condition: signals; channel: length
  uint32_t sequence;      // operations so far, modulo 2^32, for objects that keep no count themselves
  uint32_t holder;        // once, spin: serial of the task inside; condition: its generation; others 0
  uint64_t extra;         // condition: object of the mutex of the current waiters; channel: capacity
  Site held_at;           // locks of the goroutine runtime: where `holder` took it
};
static_assert(sizeof(ObjectRecord) == 64 && std::is_trivially_copyable_v<ObjectRecord>);

enum StackFlags : uint16_t {
  kStackCut = 1,           // deeper than kMaxStackFrames
  kStackPartial = 2,       // the walk ended before the outermost frame
  kStackFirstIsExact = 4,  // frame 0 is a program counter, not a return address (do not subtract 1)
};

struct StackRecord {
  uint64_t hash;
  uint32_t words;  // index into kWords of the first frame (innermost first)
  uint16_t depth;
  uint16_t flags;  // StackFlags
};
static_assert(sizeof(StackRecord) == 16);

struct ChainEntry {
  uint32_t object;
  uint32_t flags;  // HeldFlags
  Site site;       // where this lock was taken
};

// A task acquired (or began to wait for) the last entry while it held all others, in this order. There may be
// several of one task, one for each stretch of its life.
struct Sighting {
  uint32_t task;   // serial
  uint32_t stack;  // kStacks: of the acquisition of the last entry, at first sight
  uint32_t
      first_life;  // TaskRecord::life_epoch when first and last seen; goroutines: how many they had created
  uint32_t last_life;
  // Goroutines: the runtime's release clock then, and when the task had last learnt of others; 0 of threads.
  uint64_t first_clock, first_acquired;
  uint64_t last_clock, last_acquired;
};

struct LockChainRecord {
  uint64_t hash;
  uint64_t entries;  // kPool offset of ChainEntry[entry_count]
  uint32_t entry_count;
  uint32_t sighting_count;  // may exceed kChainSightings: only that many are kept
  Sighting sightings[kChainSightings];
};
static_assert(sizeof(LockChainRecord) == 24 + 8 * sizeof(Sighting));

struct MisuseRecord {
  uint32_t kind;  // MisuseKind, published last
  uint32_t count;
  uint32_t object;      // kObjects or 0
  uint32_t task;        // serial
  uint32_t stack;       // kStacks
  uint32_t other_task;  // serial of the other party (owner, waiter, joined task), 0: none
  Site other_site;      // what the other party did and where (acquisition site), 0: none
  uint32_t call;        // strings: name of the function that was called
  int32_t error;        // errno value that it returned, 0: none
  uint32_t other_object;
  uint32_t reserved;
};
static_assert(sizeof(MisuseRecord) == 48);

// One of the last things that a task of a sanitizer's report had done.
struct ReportEvent {
  Site site;
  uint64_t address;   // of the object, where `object` is 0: the goroutine runtime's
  uint32_t object;    // as in Event
  uint32_t sequence;  // orders the events of one object, modulo 2^24
  uint8_t kind;       // EventKind
  uint8_t reserved[7];
};
static_assert(sizeof(ReportEvent) == 32);

// A task that a sanitizer's report speaks of, as it was when the report was printed.
inline constexpr uint32_t kReportHeld = 8;
struct ReportTask {
  uint32_t task;   // published last
  uint32_t print;  // kPrints: where the text stands that names it
  uint32_t held_count;
  uint32_t event_count;
  HeldLock held[kReportHeld];      // outermost first
  ReportEvent events[kEventRing];  // oldest first
};
static_assert(sizeof(ReportTask) % 8 == 0 && std::is_trivially_copyable_v<ReportTask>);

enum ModuleFlags : uint32_t { kModuleAgent = 1, kModuleMain = 2, kModuleUnloaded = 4 };

struct ModuleRecord {
  uint64_t base;        // load bias: runtime address - base = address in the file
  uint64_t start, end;  // range of its mappings
  uint32_t path;        // strings
  uint32_t flags;       // ModuleFlags
  uint8_t build_id[32];
  uint32_t build_id_bytes;
  uint32_t reserved;
};

enum class GapKind : uint32_t {
  kDeepBind = 1,    // text: library loaded with RTLD_DEEPBIND
  kNamespace = 2,   // text: library loaded into another namespace by dlmopen
  kRawThread = 3,   // number: kernel thread ids that no hook has seen start
  kTableFull = 4,   // text: which
  kNoBox = 5,       // text: why
  kLibcThread = 6,  // number: how many of the threads of kRawThread libc made for itself
};

struct GapRecord {
  uint32_t kind;  // GapKind
  uint32_t text;  // strings
  uint64_t number;
};

}  // namespace stray::box

namespace stray::wire {
using namespace ::stray::box;  // NOLINT(google-build-using-namespace): see the head of this file
}  // namespace stray::wire

#endif  // STRAY_AGENT_WIRE_BLACK_BOX_H_
