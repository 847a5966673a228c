// SPDX-License-Identifier: Apache-2.0
// trace_ring.h: how a trace leaves the process: through chunks of memory in the black box, which `stray run`
// empties while the program runs.
//
//   region kTraceSlots   a TraceSlot for each chunk: free, being filled, or full
//   region kTrace        the chunks, kTraceChunkWords words each, zero where nothing is written yet
//
// A thread fills one chunk at a time, its stream, and takes another when that is full. An event is one to three
// words:
//
//   | op:8 | argument:8 | operand:48 |   [ second word ]   [ third word ]
//
// Its first word, never 0, is written last, so that whoever reads the chunk of a thread that has died at any
// moment finds whole events and then a zero. A signal handler that interrupts the writing of an event writes
// its own behind it.
//
// What orders events of different streams is a clock of the whole process, BlackBoxHeader::trace_clock, which
// each event of synchronization advances: after it has taken effect if it takes something (a lock, a join),
// before if it gives. An access in between has an event kTime before it if another thread has advanced the
// clock.
//
// Both the agent and libstray_recorder (instrumentation/trace) write, each in the thread whose stream it is.
#ifndef STRAY_AGENT_WIRE_TRACE_RING_H_
#define STRAY_AGENT_WIRE_TRACE_RING_H_

#include <cstddef>
#include <cstdint>

namespace stray::trace {

inline constexpr uint32_t kTraceAbi = 2;
inline constexpr size_t kTraceChunkWords = 4096;
inline constexpr size_t kTraceChunkBytes = kTraceChunkWords * 8;
// At the end of a chunk, for signal handlers that interrupt the writing of the last event.
inline constexpr size_t kTraceSpareWords = 512;
inline constexpr uint64_t kOperandMask = (uint64_t{1} << 48) - 1;

enum class Op : uint8_t {
  kNone = 0,
  // Accesses to memory. | address | return address of the access |; argument: bytes.
  kRead = 1,
  kWrite = 2,
  // | address | return address | bytes |
  kReadRange = 3,
  kWriteRange = 4,
  // Functions. | return address in the caller |, and | how many of those entered are left |.
  kEnter = 5,
  kExit = 6,
  // All frames are left: what follows is entered anew. After events were lost.
  kNoFrames = 7,
  // | clock |
  kTime = 8,
  // What a hook of the agent has seen. Argument: EventKind. | object or task | clock | Site |
  kHook = 9,
  // Happens-before edges that are told by address: what was before a kRelease is before what is after a later
  // kAcquire there. kForget: whatever was released there is not meant any more. | address | clock |; argument:
  // kOrderOnly.
  kRelease = 10,
  kAcquire = 11,
  kForget = 12,
  // Memory that is new to the program, or no longer its. | address | clock | bytes |
  kNewMemory = 13,
  // Fibers, numbered by who has them from 1. | fiber | clock |
  kFiberCreate = 14,
  // The thread goes on as this fiber; 0: as itself. | fiber | clock |
  kFiberSwitch = 15,
  // | how many | events were lost here.
  kLost = 16,
  // The stream's task begins. | lowest address of its stack | clock | bytes |
  kBegin = 17,
  // A thread is about to ask for a lock that is taken. | object | clock | Site |; argument: kReadMode
  kRequest = 18,
  // As kHook: what must be told before RecordEvent() tells it, and the end of what that tells the beginning of.
  kHookBegun = 19,
  kHookLeft = 20,
  // | fiber | number of the goroutine that it is |
  kFiberName = 21,
  // Memory of a thread that whatever task runs there may use. | address | clock | bytes |
  kThreadMemory = 22,
  // A lock that is told by address: has been taken, is about to be given back. | address | clock | return
  // address |; argument of kLockTaken: LockMode
  kLockTaken = 23,
  kLockGiven = 24,
  // | fiber | the next 8 bytes of its name | and 8 more |, 0 where it has ended
  kFiberText = 25,
  // | nanoseconds since BlackBoxHeader::start_ns |: what follows in this stream is no earlier.
  kNow = 26,
  // The task stops, and goes on. Argument of both: WaitReason. | object, or task for a join | clock | Site |
  kWait = 27,
  kWaitEnd = 28,
  // The same of a task of the goroutine runtime; a goroutine goes on when its fiber is switched to.
  // | address of the object | clock | Site |
  kPark = 29,
  // A goroutine may go on because of the calling task. | its number | clock |
  kReady = 30,
  // It is over, and has been left. | fiber | clock |
  kFiberEnd = 31,
  // The stream's task ends. | 0 | clock |
  kEnd = 32,
  // The stream's thread runs goroutines, and is no task of the program's own.
  kMachine = 33,
  // What replays are steered by (steering.h). The fiber comes to its next scheduling point. |  |
  kPoint = 34,
  // Channels and wait groups: what is done to them, which orders nothing: kRelease and kAcquire tell the order.
  // | channel | return address in the program |; argument: ChannelStep
  kChannel = 35,
  // A new one; the address means no older one from now on. | channel | return address | capacity |; argument: 1
  // if all cases of selects are told, and all that is tried, 0 of older recorders
  kChannelMade = 36,
  // | wait group | return address | PackChange() of its counter |; argument: GroupStep
  kGroup = 37,
};
inline constexpr size_t kOps = 38;

enum LockMode : uint8_t { kToWrite = 0, kToRead = 1, kByTry = 2 };

// Of kChannel. What is about to be done is told before it takes effect, what is done after, so that what never
// ends stands there without an end.
enum class ChannelStep : uint8_t {
  kSend = 1,
  kReceive = 2,
  kClose = 3,
  // The cases of a select, of several. The end of one ends all. One case alone is told as what it is.
  kSelectSend = 4,
  kSelectReceive = 5,
  kSent = 6,
  kReceived = 7,
  kReceivedClosed = 8,  // nothing, since it is closed
  kClosed = 9,
  kLeft = 10,  // there was nothing to be done, and the task does not wait
  // What can be done at once is, anything else is left; so is the only case of a select with a default.
  kTrySend = 11,
  kTryReceive = 12,
  kFed = 13,  // a timer sends on it or closes it, too
};

enum class GroupStep : uint8_t {
  kChange = 1,  // of the counter; before it is
  kWait = 2,
  kWaited = 3,
};

// Small numbers of either sign as small numbers.
constexpr uint64_t PackChange(int64_t change) {
  return static_cast<uint64_t>(change) << 1 ^ (change < 0 ? ~uint64_t{0} : 0);
}
constexpr int64_t UnpackChange(uint64_t packed) {
  return static_cast<int64_t>(packed >> 1 ^ (~(packed & 1) + 1));
}

enum OpArgument : uint8_t {
  kOrderOnly = 1,  // kRelease, kAcquire: no order of memory, but what is seen depends on it (relaxed atomics)
  kReadMode = 1,   // kRequest
};

// Words of an event; 0 for what is none.
constexpr size_t WordsOf(Op op) {
  constexpr uint8_t kWords[kOps] = {0, 2, 2, 3, 3, 1, 1, 1, 1, 3, 2, 2, 2, 3, 2, 2, 1, 3, 3,
                                    3, 3, 2, 3, 3, 3, 3, 1, 3, 2, 3, 2, 2, 2, 1, 1, 2, 3, 3};
  return static_cast<size_t>(op) < kOps ? kWords[static_cast<size_t>(op)] : 0;
}

constexpr uint64_t FirstWord(Op op, uint8_t argument, uint64_t operand) {
  return static_cast<uint64_t>(op) | uint64_t{argument} << 8 | operand << 16;
}
constexpr Op OpOf(uint64_t word) { return static_cast<Op>(word & 0xff); }
constexpr uint8_t ArgumentOf(uint64_t word) { return static_cast<uint8_t>(word >> 8); }
constexpr uint64_t OperandOf(uint64_t word) { return word >> 16; }

enum class SlotState : uint32_t {
  kFree = 0,  // the chunk is all zero
  kOpen = 1,  // a thread writes to it
  kFull = 2,  // nobody does
};

struct TraceSlot {
  uint32_t state;   // SlotState
  uint32_t stream;  // serial of the task whose thread writes it
  uint64_t number;  // of the chunk in its stream, from 0
};
static_assert(sizeof(TraceSlot) == 16);

// Where a thread writes. The agent has it; the thread's copy of libstray_recorder has a pointer.
struct Cursor {
  uint64_t* next;
  uint64_t* limit;      // kTraceSpareWords before
  uint64_t* chunk_end;  // null: there is none
  uint64_t* clock;      // of the process
  uint64_t seen;        // last value of the clock that was written to the stream
  uint64_t lost;        // events since the last that could be written
  uint32_t is_on;       // 0: ask the agent again for a cursor
  uint32_t writing;     // so many events are being written: more than one in a signal handler
  uint32_t epoch;       // changes with each event that orders: what is known of repeated accesses is void then
  uint32_t counted;     // of those lost, how many the black box has counted
  // Another chunk. False: there is none, and the event is lost. Keeps errno.
  bool (*refill)(Cursor* cursor);
  // Writes what has changed of the functions that the thread is in; null: that is not known.
  void (*tell_frames)(Cursor* cursor);
  // What was told of them was lost.
  void (*forget_frames)(Cursor* cursor);
  // Writes what time it is, if that is worth it: before events that a timeline shows.
  void (*tell_now)(Cursor* cursor);
  // The thread ends: nothing is written to this any more. Called by the thread itself.
  void (*end)(Cursor* cursor);
  // Where the thread keeps its pointer to this; the agent makes it null when the thread ends.
  Cursor** pointer;
};

// Takes the next words; in one instruction, as a signal handler may do the same at any time.
inline uint64_t* Claim(Cursor* cursor, size_t words) {
  uint64_t at = words * sizeof(uint64_t);
#if defined(__x86_64__)
  asm volatile("xaddq %0, %1" : "+r"(at), "+m"(cursor->next) : : "cc", "memory");
#else
  at = __atomic_fetch_add(reinterpret_cast<uint64_t*>(&cursor->next), at, __ATOMIC_RELAXED);
#endif
  return reinterpret_cast<uint64_t*>(at);
}

// Another chunk, if the calling code interrupts nobody who is still writing to this one. False: there is none.
inline bool FindRoom(Cursor* cursor) {
  if (cursor->writing > 1 || cursor->refill(cursor)) return true;
  ++cursor->lost;
  --cursor->writing;
  return false;
}

// Room for an event of `words`; null: it is lost. Commit() must follow in the same thread.
inline uint64_t* Reserve(Cursor* cursor, size_t words) {
  ++cursor->writing;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  if (__builtin_expect(cursor->next + words > cursor->limit, 0) && !FindRoom(cursor)) return nullptr;
  uint64_t* const at = Claim(cursor, words);
  if (__builtin_expect(at + words <= cursor->chunk_end, 1)) return at;
  cursor->next -= words;
  ++cursor->lost;
  --cursor->writing;
  return nullptr;
}

// The words at `at` that Reserve() has given, but for the first, are written.
inline void Commit(Cursor* cursor, uint64_t* at, uint64_t first) {
  __atomic_store_n(at, first, __ATOMIC_RELEASE);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  --cursor->writing;
}

inline void Write1(Cursor* cursor, uint64_t first) {
  if (uint64_t* words = Reserve(cursor, 1); words != nullptr) Commit(cursor, words, first);
}
inline void Write2(Cursor* cursor, uint64_t first, uint64_t second) {
  uint64_t* words = Reserve(cursor, 2);
  if (words == nullptr) return;
  words[1] = second;
  Commit(cursor, words, first);
}
inline void Write3(Cursor* cursor, uint64_t first, uint64_t second, uint64_t third) {
  uint64_t* words = Reserve(cursor, 3);
  if (words == nullptr) return;
  words[1] = second;
  words[2] = third;
  Commit(cursor, words, first);
}

// The next value of the clock, for an event that orders.
inline uint64_t Tick(Cursor* cursor) {
  const uint64_t now = __atomic_add_fetch(cursor->clock, 1, __ATOMIC_ACQ_REL);
  cursor->seen = now;
  ++cursor->epoch;
  return now;
}

// Before an access: if another thread has moved the clock since this one wrote its value, the access is later
// than what that thread did, and says so by a value of its own. So accesses are in the trace in the order in
// which they happened, but for those that happen within some nanoseconds of each other.
inline void WriteTime(Cursor* cursor) {
  if (__builtin_expect(__atomic_load_n(cursor->clock, __ATOMIC_ACQUIRE) == cursor->seen, 1)) return;
  cursor->seen = __atomic_add_fetch(cursor->clock, 1, __ATOMIC_ACQ_REL);
  Write1(cursor, FirstWord(Op::kTime, 0, cursor->seen));
}

// A fiber is this goroutine, with this name.
inline void WriteFiberName(Cursor* cursor, uint32_t fiber, uint64_t goroutine, const char* name, size_t size) {
  Write2(cursor, FirstWord(Op::kFiberName, 0, fiber), goroutine);
  uint64_t parts[2];
  for (size_t at = 0; at < size; at += sizeof(parts)) {
    parts[0] = parts[1] = 0;
    __builtin_memcpy(parts, name + at, size - at < sizeof(parts) ? size - at : sizeof(parts));
    Write3(cursor, FirstWord(Op::kFiberText, 0, fiber), parts[0], parts[1]);
  }
}

}  // namespace stray::trace

extern "C" {
// Exported by the agent. The cursor of the calling thread; null: nothing is recorded in this process, now or
// later. `pointer` is where the caller will keep it.
stray::trace::Cursor* stray_agent_trace_cursor(uint32_t abi, stray::trace::Cursor** pointer);
}

#endif  // STRAY_AGENT_WIRE_TRACE_RING_H_
