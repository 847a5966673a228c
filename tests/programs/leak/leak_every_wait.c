// SPDX-License-Identifier: Apache-2.0
// leak_every_wait.c: one thread in each call that blocks on the outside; none of them ever returns.
//
//   main                  a thread for each call
//   .                     blocked
//   return                .
//
// Its twin in ok/ includes this file and ends all of them by cancellation.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/order.h"

static char data[4096];
static struct iovec part = {data, 8};
static struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
static struct mmsghdr messages[1] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};
static const struct timespec kLong = {100000, 0};
static struct sockaddr_un busy_name = {.sun_family = AF_UNIX};
static socklen_t busy_size = sizeof(busy_name);
static int empty_pipe[2], full_pipe[2], empty_socket[2], full_socket[2];
static int listener, busy_listener, connecting, epoll, empty_event, full_event, file, locked_file;
static int queue, semaphores;
static FILE* streams[5];
static char fifo[64];
static sigset_t no_signals, one_signal;
static struct sembuf down = {0, -1, 0};
static uint32_t words[3];
static pid_t child;
static struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
static siginfo_t info;

// The empty statement keeps the compiler from turning the call into a jump, which would leave no frame of ours.
#define BLOCKS(name, call)                      \
  static void* name(void* who) {                \
    AboutToSleep((Sleeper*)who);                \
    const uintptr_t result = (uintptr_t)(call); \
    __asm__ volatile("" ::: "memory");          \
    return (void*)result;                       \
  }

// clang-format off
BLOCKS(Read, read(empty_pipe[0], data, 1))  // want leak.alive: \[read\]
BLOCKS(ReadV, readv(empty_pipe[0], &part, 1))  // want leak.alive: \[read\]
BLOCKS(ReadEvent, eventfd_read(empty_event, (eventfd_t*)data))  // want leak.alive: \[read\]
BLOCKS(Write, write(full_pipe[1], data, 1))  // want leak.alive: \[write\]
BLOCKS(WriteV, writev(full_pipe[1], &part, 1))  // want leak.alive: \[write\]
BLOCKS(WriteEvent, eventfd_write(full_event, 1))  // want leak.alive: \[write\]
BLOCKS(Splice, splice(empty_pipe[0], NULL, full_pipe[1], NULL, 1, 0))  // want leak.alive: \[write\]
BLOCKS(Recv, recv(empty_socket[0], data, 1, 0))  // want leak.alive: \[recv\]
BLOCKS(RecvFrom, recvfrom(empty_socket[0], data, 1, 0, NULL, NULL))  // want leak.alive: \[recv\]
BLOCKS(RecvMsg, recvmsg(empty_socket[0], &message, 0))  // want leak.alive: \[recv\]
BLOCKS(RecvMmsg, recvmmsg(empty_socket[0], messages, 1, 0, NULL))  // want leak.alive: \[recv\]
BLOCKS(Send, send(full_socket[0], data, 1, 0))  // want leak.alive: \[send\]
BLOCKS(SendTo, sendto(full_socket[0], data, 1, 0, NULL, 0))  // want leak.alive: \[send\]
BLOCKS(SendMsg, sendmsg(full_socket[0], &message, 0))  // want leak.alive: \[send\]
BLOCKS(SendMmsg, sendmmsg(full_socket[0], messages, 1, 0))  // want leak.alive: \[send\]
BLOCKS(Accept, accept(listener, NULL, NULL))  // want leak.alive: \[accept\]
BLOCKS(Accept4, accept4(listener, NULL, NULL, SOCK_CLOEXEC))  // want leak.alive: \[accept\]
BLOCKS(Connect, connect(connecting, (struct sockaddr*)&busy_name, busy_size))  // want leak.alive: \[connect\]
BLOCKS(Poll, poll(NULL, 0, -1))  // want leak.alive: \[poll\]
BLOCKS(PPoll, ppoll(NULL, 0, NULL, NULL))  // want leak.alive: \[poll\]
BLOCKS(Select, select(0, NULL, NULL, NULL, NULL))  // want leak.alive: \[select\]
BLOCKS(PSelect, pselect(0, NULL, NULL, NULL, NULL, NULL))  // want leak.alive: \[select\]
BLOCKS(EpollWait, epoll_wait(epoll, (struct epoll_event*)data, 1, -1))  // want leak.alive: \[epoll_wait\]
BLOCKS(EpollPWait, epoll_pwait(epoll, (struct epoll_event*)data, 1, -1, NULL))  // want leak.alive: \[epoll_wait\]
BLOCKS(EpollPWait2, epoll_pwait2(epoll, (struct epoll_event*)data, 1, NULL, NULL))  // want leak.alive: \[epoll_wait\]
BLOCKS(LockF, lockf(file, F_LOCK, 0))  // want leak.alive: \[flock\]
BLOCKS(FcntlLock, fcntl(file, F_SETLKW, &whole_file))  // want leak.alive: \[flock\]
BLOCKS(FcntlOfdLock, fcntl(file, F_OFD_SETLKW, &whole_file))  // want leak.alive: \[flock\]
BLOCKS(Open, open(fifo, O_RDONLY))  // want leak.alive: \[open\]
BLOCKS(OpenAt, openat(AT_FDCWD, fifo, O_RDONLY))  // want leak.alive: \[open\]
BLOCKS(FRead, fread(data, 1, 1, streams[0]))  // want leak.alive: \[fread\]
BLOCKS(FGets, fgets(data, 100, streams[1]))  // want leak.alive: \[fread\]
BLOCKS(GetLine, getline(&(char*){NULL}, &(size_t){0}, streams[2]))  // want leak.alive: \[fread\]
BLOCKS(GetDelim, getdelim(&(char*){NULL}, &(size_t){0}, ':', streams[3]))  // want leak.alive: \[fread\]
BLOCKS(GetC, fgetc(streams[4]))  // want leak.alive: \[fread\]
BLOCKS(GetChar, getchar())  // want leak.alive: \[fread\]
BLOCKS(MsgRcv, msgrcv(queue, data, 8, 0, 0))  // want leak.alive: \[semop\]
BLOCKS(NanoSleep, nanosleep(&kLong, NULL))  // want leak.alive: \[nanosleep\]
BLOCKS(ClockNanoSleep, clock_nanosleep(CLOCK_MONOTONIC, 0, &kLong, NULL))  // want leak.alive: \[nanosleep\]
BLOCKS(USleep, usleep(4000000000u))  // want leak.alive: \[nanosleep\]
BLOCKS(Sleep, sleep(100000))  // want leak.alive: \[nanosleep\]
BLOCKS(ThrdSleep, thrd_sleep(&kLong, NULL))  // want leak.alive: \[nanosleep\]
BLOCKS(Pause, pause())  // want leak.alive: \[pause\]
BLOCKS(SigSuspend, sigsuspend(&no_signals))  // want leak.alive: \[pause\]
BLOCKS(SigWait, sigwait(&one_signal, (int*)data))  // want leak.alive: \[sigwait\]
BLOCKS(SigWaitInfo, sigwaitinfo(&one_signal, NULL))  // want leak.alive: \[sigwait\]
BLOCKS(SigTimedWait, sigtimedwait(&one_signal, NULL, &kLong))  // want leak.alive: \[sigwait\]
BLOCKS(Wait, wait(NULL))  // want leak.alive: \[waitpid\]
BLOCKS(WaitPid, waitpid(child, NULL, 0))  // want leak.alive: \[waitpid\]
BLOCKS(Wait3, wait3(NULL, 0, NULL))  // want leak.alive: \[waitpid\]
BLOCKS(Wait4, wait4(child, NULL, 0, NULL))  // want leak.alive: \[waitpid\]
BLOCKS(WaitId, waitid(P_PID, (id_t)child, &info, WEXITED))  // want leak.alive: \[waitpid\]
// The following are no cancellation points. All the other threads might still wake the last one.
BLOCKS(SendFile, sendfile(full_socket[0], file, NULL, 100))  // want leak.alive: \[write\]
BLOCKS(Flock, flock(file, LOCK_EX))  // want leak.alive: \[flock\]
BLOCKS(SemOp, semop(semaphores, &down, 1))  // want leak.alive: \[semop\]
BLOCKS(SemTimedOp, semtimedop(semaphores, &down, 1, &kLong))  // want leak.alive: \[semop\]
BLOCKS(FutexShared, syscall(SYS_futex, &words[0], FUTEX_WAIT, 0, NULL, NULL, 0))  // want leak.alive: \[futex\]
BLOCKS(FutexTimed, syscall(SYS_futex, &words[1], FUTEX_WAIT_PRIVATE, 0, &kLong, NULL, 0))  // want leak.alive: \[futex\]
BLOCKS(Futex, syscall(SYS_futex, &words[2], FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0))  // want leak.alive: \[futex\]
// clang-format on

typedef void* (*Call)(void*);
static const Call kCancellable[] = {
    Read,        ReadV,     ReadEvent, Write,        WriteV,  WriteEvent,  Splice,         Recv,
    RecvFrom,    RecvMsg,   RecvMmsg,  Send,         SendTo,  SendMsg,     SendMmsg,       Accept,
    Accept4,     Connect,   Poll,      PPoll,        Select,  PSelect,     EpollWait,      EpollPWait,
    EpollPWait2, LockF,     FcntlLock, FcntlOfdLock, Open,    OpenAt,      FRead,          FGets,
    GetLine,     GetDelim,  GetC,      GetChar,      MsgRcv,  NanoSleep,   ClockNanoSleep, USleep,
    Sleep,       ThrdSleep, Pause,     SigSuspend,   SigWait, SigWaitInfo, SigTimedWait,   Wait,
    WaitPid,     Wait3,     Wait4,     WaitId};
static const Call kOthers[] = {SendFile, Flock, SemOp, SemTimedOp, FutexShared, FutexTimed, Futex};
enum { kCancellableCount = sizeof(kCancellable) / sizeof(Call), kOtherCount = sizeof(kOthers) / sizeof(Call) };

// Writes until there is no room left, and leaves the descriptor blocking.
static void Fill(int fd) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  while (write(fd, data, sizeof(data)) > 0) continue;
  while (write(fd, data, 1) > 0) continue;
  fcntl(fd, F_SETFL, 0);
}

static void MakeSockets(void) {
  struct sockaddr address = {.sa_family = AF_UNIX};  // bound to a name of the kernel's choice
  socketpair(AF_UNIX, SOCK_STREAM, 0, empty_socket);
  socketpair(AF_UNIX, SOCK_STREAM, 0, full_socket);
  Fill(full_socket[0]);
  listener = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(listener, &address, sizeof(sa_family_t));
  listen(listener, 1);
  busy_listener = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(busy_listener, &address, sizeof(sa_family_t));
  listen(busy_listener, 0);  // takes one connection, the next one waits
  getsockname(busy_listener, (struct sockaddr*)&busy_name, &busy_size);
  connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr*)&busy_name, busy_size);
  connecting = socket(AF_UNIX, SOCK_STREAM, 0);
}

static void MakeFiles(void) {
  char path[] = "/tmp/every_wait.XXXXXX";
  file = mkstemp(path);
  if (ftruncate(file, 4096) != 0) abort();
  locked_file = open(path, O_RDWR);
  flock(locked_file, LOCK_EX);
  fcntl(locked_file, F_OFD_SETLK, &whole_file);  // stands in the way of other locks of the same process, too
  snprintf(fifo, sizeof(fifo), "%s.fifo", path);
  mkfifo(fifo, 0600);
  unlink(path);
}

static void MakeRest(void) {
  int alive[2];  // the child ends when we do
  if (pipe(alive) != 0 || pipe(empty_pipe) != 0 || pipe(full_pipe) != 0) abort();
  queue = msgget(IPC_PRIVATE, 0600);
  semaphores = semget(IPC_PRIVATE, 1, 0600);
  child = fork();
  if (child == 0) {
    close(alive[1]);
    while (read(alive[0], data, 1) > 0) continue;
    msgctl(queue, IPC_RMID, NULL);  // which ends the waits, so not while we want them
    semctl(semaphores, 0, IPC_RMID);
    _exit(0);
  }
  Fill(full_pipe[1]);
  for (int i = 0; i < 5; ++i) streams[i] = fdopen(dup(empty_pipe[0]), "r");
  dup2(empty_pipe[0], STDIN_FILENO);
  empty_event = eventfd(0, 0);
  full_event = eventfd(0, 0);
  eventfd_write(full_event, 0xfffffffffffffffe);
  epoll = epoll_create1(0);
  sigemptyset(&no_signals);
  sigemptyset(&one_signal);
  sigaddset(&one_signal, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &one_signal, NULL);
}

// Waits until the thread is in some system call, several looks in a row.
static void AwaitBlocked(const Sleeper* sleeper) {
  char path[64];
  for (int times = 0; times < 3; OrderYield()) {
    char text[16] = {0};
    const int tid = __atomic_load_n(&sleeper->tid, __ATOMIC_ACQUIRE);
    if (tid == 0) continue;
    OrderTaskPath(path, tid, "syscall");
    long fd = OrderSystemCall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) abort();  // it has returned
    OrderSystemCall(SYS_read, fd, (long)text, sizeof(text) - 1, 0);
    OrderSystemCall(SYS_close, fd, 0, 0, 0);
    times = text[0] >= '0' && text[0] <= '9' ? times + 1 : 0;
  }
}

static pthread_t threads[kCancellableCount + kOtherCount];
static Sleeper sleepers[kCancellableCount + kOtherCount];

static void StartAll(void) {
  MakeRest();
  MakeSockets();
  MakeFiles();
  for (int i = 0; i < kCancellableCount + kOtherCount; ++i) {
    const Call call = i < kCancellableCount ? kCancellable[i] : kOthers[i - kCancellableCount];
    if (pthread_create(&threads[i], NULL, call, &sleepers[i]) != 0) abort();
  }
  for (int i = 0; i < kCancellableCount + kOtherCount; ++i) AwaitBlocked(&sleepers[i]);
  unlink(fifo);
}

#ifndef EVERY_WAIT_TWIN
int main(void) {
  StartAll();
  return 0;
}
#endif
