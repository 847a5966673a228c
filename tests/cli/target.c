// SPDX-License-Identifier: Apache-2.0
// target.c: the program that the command line tests run. Its first argument says what it does.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t mutex_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t both_hold_one;
static char** arguments;

static pthread_t Start(void* (*routine)(void*)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, routine, NULL) != 0) abort();
  return thread;
}

static void* Nothing(void* unused) { return unused; }

static void Unlock(void* unused) {
  (void)unused;
  pthread_mutex_unlock(&mutex);
}

static void* WaitForNobody(void* unused) {
  pthread_mutex_lock(&mutex);
  pthread_cleanup_push(Unlock, NULL);
  for (;;) pthread_cond_wait(&condition, &mutex);
  pthread_cleanup_pop(1);
  return unused;
}

static void* LockAThenB(void* unused) {
  pthread_mutex_lock(&mutex_a);
  pthread_barrier_wait(&both_hold_one);
  pthread_mutex_lock(&mutex_b);
  return unused;
}

static void* LockBThenA(void* unused) {
  pthread_mutex_lock(&mutex_b);
  pthread_barrier_wait(&both_hold_one);
  pthread_mutex_lock(&mutex_a);
  return unused;
}

static void Say(const char* text) {
  if (write(STDOUT_FILENO, text, strlen(text)) < 0) exit(9);
}

// Blocks until standard input ends.
static void WaitForInput(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

static int Clean(void) { return pthread_join(Start(Nothing), NULL); }

static int Leak(void) {
  pthread_detach(Start(WaitForNobody));
  return 0;
}

// Locks in two orders, one after the other: a finding, but no deadlock and no leak.
static int Order(void) {
  pthread_barrier_init(&both_hold_one, NULL, 1);
  pthread_mutex_lock(&mutex_a);
  pthread_mutex_lock(&mutex_b);
  pthread_mutex_unlock(&mutex_b);
  pthread_mutex_unlock(&mutex_a);
  pthread_t thread = Start(Nothing);
  pthread_join(thread, NULL);
  return 0;
}

static int Deadlock(void) {
  pthread_barrier_init(&both_hold_one, NULL, 2);
  pthread_t first = Start(LockAThenB);
  Start(LockBThenA);
  for (int i = 0; arguments[2] != NULL && i < atoi(arguments[2]); ++i) Start(WaitForNobody);
  Say("started\n");
  return pthread_join(first, NULL);
}

// Two of three threads are deadlocked; main waits for input, which will come.
static int DeadlockBesideInput(void) {
  pthread_barrier_init(&both_hold_one, NULL, 2);
  Start(LockAThenB);
  Start(LockBThenA);
  Say("started\n");
  WaitForInput();
  return 0;
}

// A pool that waits for work which comes from standard input: no deadlock, however long it takes.
static int Idle(void) {
  pthread_t thread = Start(WaitForNobody);
  Say("started\n");
  WaitForInput();
  pthread_cancel(thread);
  return pthread_join(thread, NULL);
}

static int Sleep(void) {
  Say("started\n");
  for (unsigned left = 600; left != 0;) left = sleep(left);  // signals end a sleep early
  return 0;
}

static int Exit(void) { return atoi(arguments[2]); }

static int Die(void) {
  raise(atoi(arguments[2]));
  return 0;
}

static volatile sig_atomic_t stop;
static void Stop(int signal) { stop = signal; }

// Ends well when it is asked to by the signal that is named.
static int Server(void) {
  sigset_t blocked, unblocked;
  signal(atoi(arguments[2]), Stop);
  sigemptyset(&blocked);
  sigaddset(&blocked, atoi(arguments[2]));
  sigprocmask(SIG_BLOCK, &blocked, &unblocked);
  Say("started\n");
  while (!stop) sigsuspend(&unblocked);
  Say("stopped\n");
  return 0;
}

static int Stubborn(void) {
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  return Sleep();
}

// Starts a copy of itself that does what the remaining arguments say, and waits for it.
static int Child(void) {
  const pid_t child = fork();
  if (child == 0) {
    execv("/proc/self/exe", arguments + 1);
    _exit(9);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

// Leaves a process behind that lives until standard input ends.
static int Daemon(void) {
  int ready[2];
  if (pipe(ready) != 0) return 9;
  if (fork() == 0) {
    close(ready[0]);
    setsid();
    pthread_join(Start(Nothing), NULL);  // what does nothing stray could see has no black box
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    close(ready[1]);
    WaitForInput();
    _exit(0);
  }
  close(ready[1]);
  char byte;
  return read(ready[0], &byte, 1) != 0;
}

static int Exec(void) {
  execv(arguments[2], arguments + 2);
  return 9;
}

static int Echo(void) {
  char buffer[256];
  const ssize_t size = read(STDIN_FILENO, buffer, sizeof(buffer));
  if (size > 0 && write(STDOUT_FILENO, buffer, (size_t)size) != size) return 9;
  fputs("on stderr\n", stderr);
  return 0;
}

// Prints which descriptors below 64 are open.
static int Descriptors(void) {
  for (int fd = 0; fd < 64; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) printf("%d ", fd);
  }
  printf("\n");
  return 0;
}

// Uses so many mutexes that what is known of them fills a small file system.
static int Locks(void) {
  const size_t count = (size_t)atoi(arguments[2]);
  pthread_mutex_t* locks = calloc(count, sizeof(*locks));
  if (locks == NULL) return 9;
  for (size_t i = 0; i < count; ++i) pthread_mutex_lock(&locks[i]), pthread_mutex_unlock(&locks[i]);
  free(locks);
  Say("done\n");
  return pthread_join(Start(Nothing), NULL);
}

static volatile int storm_is_over;

static void* LockAndUnlock(void* unused) {
  for (int i = 0; i < 20; ++i) {
    pthread_mutex_lock(&mutex_a);
    pthread_mutex_lock(&mutex_b);
    pthread_mutex_unlock(&mutex_b);
    pthread_mutex_unlock(&mutex_a);
  }
  return unused;
}

// Makes and joins threads that lock, until the storm is over. Returns how many came back.
static void* MakeThreads(void* unused) {
  (void)unused;
  long joined = 0;
  while (!storm_is_over) {
    pthread_t threads[4];
    for (int i = 0; i < 4; ++i) threads[i] = Start(LockAndUnlock);
    for (int i = 0; i < 4; ++i) joined += pthread_join(threads[i], NULL) == 0;
  }
  return (void*)joined;
}

// Makes children that end with a status of their own. Returns how many had another one.
static void* MakeChildren(void* unused) {
  (void)unused;
  long wrong = 0;
  for (int i = 0; !storm_is_over; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(i & 63);
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    wrong += child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != (i & 63);
  }
  return (void*)wrong;
}

// Threads and children come and go until standard input ends.
static int Storm(void) {
  pthread_t makers[3] = {Start(MakeThreads), Start(MakeThreads), Start(MakeChildren)};
  void* results[3];
  Say("started\n");
  WaitForInput();
  storm_is_over = 1;
  for (int i = 0; i < 3; ++i) pthread_join(makers[i], &results[i]);
  if ((long)results[0] % 4 != 0 || (long)results[1] % 4 != 0 || results[2] != NULL) return 9;
  Say("all is well\n");
  return 7;
}

// Fills its heap, then counts how often it has looked for a child, and there was one, until standard input
// ends.
static int BesideCopy(void) {
  void** last = NULL;
  for (int i = 0; i < 2000000; ++i) {
    void** block = malloc(32);
    if (block == NULL) return 9;
    *block = last;
    last = block;
  }
  Say("filled\n");
  long seen = 0;
  struct pollfd input = {.fd = 0, .events = POLLIN};
  while (poll(&input, 1, 0) == 0) {
    siginfo_t ended = {0};
    seen += waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 && ended.si_pid == 0;
  }
  for (void** block = last; block != NULL; block = last) {
    last = *block;
    free(block);
  }
  printf("%ld\n", seen);
  return 0;
}

static const struct {
  const char* name;
  int (*run)(void);
} kVerbs[] = {
    {"clean", Clean},
    {"leak", Leak},
    {"order", Order},
    {"deadlock", Deadlock},
    {"deadlock_beside_input", DeadlockBesideInput},
    {"idle", Idle},
    {"sleep", Sleep},
    {"exit", Exit},
    {"die", Die},
    {"server", Server},
    {"stubborn", Stubborn},
    {"child", Child},
    {"daemon", Daemon},
    {"exec", Exec},
    {"echo", Echo},
    {"descriptors", Descriptors},
    {"locks", Locks},
    {"storm", Storm},
    {"beside_copy", BesideCopy},
};

int main(int argc, char** argv) {
  arguments = argv;
  for (size_t i = 0; argc > 1 && i < sizeof(kVerbs) / sizeof(kVerbs[0]); ++i) {
    if (strcmp(argv[1], kVerbs[i].name) == 0) return kVerbs[i].run();
  }
  return 8;
}
