// SPDX-License-Identifier: Apache-2.0
// shop.cc: commits what ThreadSanitizer reports. The logs of tests/golden/log_* were made with it:
//
//   COMPILER -std=c++17 -O1 -g -fsanitize=thread -fdebug-prefix-map=$PWD=/home/dev/shop shop.cc -o shop
//   setarch -R env TSAN_OPTIONS=log_path=log:atexit_sleep_ms=0 ./shop MISTAKE...
//
// Threads take turns by a counter that the detector does not see, so that each mistake is reported each time.
#include <fcntl.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <shared_mutex>

extern "C" {
void* __tsan_external_register_tag(const char* type);
void __tsan_external_assign_tag(void* object, void* tag);
void __tsan_external_read(void* object, void* caller, void* tag);
void __tsan_external_write(void* object, void* caller, void* tag);
void __tsan_check_no_mutexes_held() __attribute__((weak));  // not in older runtimes
}

#define UNSEEN __attribute__((no_sanitize("thread"), noinline))

struct Item {
  virtual ~Item();
  virtual void Show() {}
};
struct Book : Item {
  void Show() override {}
};

struct Cart {
  std::mutex mu;
  int total = 0;
  __attribute__((noinline)) void Add(int price) {
    std::lock_guard<std::mutex> lock(mu);
    total += price;
  }
  __attribute__((noinline)) int Total() { return total; }
};

int counter;
Cart g_cart;
std::shared_mutex g_prices_mu;
int g_price;
std::atomic<int> g_stock;
thread_local int t_discount;
int* g_borrowed;
Item* g_item;
int g_pipe[2];
char g_lock[8];

namespace {

int g_turn;

UNSEEN void AwaitTurn(int turn) {
  while (__atomic_load_n(&g_turn, __ATOMIC_RELAXED) < turn) usleep(1000);
}
UNSEEN void NextTurn() {
  __atomic_store_n(&g_turn, __atomic_load_n(&g_turn, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

using Part = void (*)();
Part g_first, g_second;

void* First(void*) {
  pthread_setname_np(pthread_self(), "flusher");
  g_first();
  NextTurn();
  return nullptr;
}

void* Second(void*) {
  AwaitTurn(1);
  g_second();
  NextTurn();
  return nullptr;
}

// Lets two threads do their parts, one after the other.
void Both(Part first, Part second) {
  g_turn = 0;
  g_first = first;
  g_second = second;
  pthread_t threads[2];
  pthread_create(&threads[0], nullptr, First, nullptr);
  pthread_create(&threads[1], nullptr, Second, nullptr);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

// --- races ---

void Count() { ++counter; }
void Recount() { counter = 0; }
void AddToCart() { g_cart.Add(3); }
void PeekIntoCart() {
  if (g_cart.Total() == 99) abort();
}
void CheckOut() { PeekIntoCart(); }
void Raise() {
  std::shared_lock<std::shared_mutex> lock(g_prices_mu);
  g_price += 1;
}
void Sell() { g_stock.store(1); }
void Count2() { *reinterpret_cast<volatile int*>(&g_stock) = 0; }
void Write() { *g_borrowed = 1; }
void Overwrite() { *g_borrowed = 2; }
void Free() { free(g_borrowed); }
void Lend() {
  g_borrowed = &t_discount;
  t_discount = 1;
}
void UseTls() {  // the owner has to be alive
  g_turn = 0;
  pthread_t owner;
  pthread_create(
      &owner, nullptr,
      [](void*) -> void* {
        Lend();
        NextTurn();
        AwaitTurn(2);
        return nullptr;
      },
      nullptr);
  Second(nullptr);
  pthread_join(owner, nullptr);
}
void Send() {
  if (write(g_pipe[1], "a", 1) != 1) abort();
}
void Close() { close(g_pipe[1]); }
void Show() { g_item->Show(); }
void* ShowLate(void*) {
  AwaitTurn(1);
  Show();
  NextTurn();
  return nullptr;
}
void DestroyItem() {
  g_turn = 0;
  g_item = new Book;
  pthread_t viewer;
  pthread_create(&viewer, nullptr, ShowLate, nullptr);
  delete g_item;
  pthread_join(viewer, nullptr);
}
void* g_tag;
void* g_dictionary;
void Insert() { __tsan_external_write(g_dictionary, __builtin_return_address(0), g_tag); }
void LookUp() { __tsan_external_read(g_dictionary, __builtin_return_address(0), g_tag); }

// --- locks ---

pthread_mutex_t g_a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t g_b = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t g_c = PTHREAD_MUTEX_INITIALIZER;

void LockTwo(pthread_mutex_t* outer, pthread_mutex_t* inner) {
  pthread_mutex_lock(outer);
  pthread_mutex_lock(inner);
  pthread_mutex_unlock(inner);
  pthread_mutex_unlock(outer);
}
void LockAb() { LockTwo(&g_a, &g_b); }
void LockBc() { LockTwo(&g_b, &g_c); }
void LockCa() { LockTwo(&g_c, &g_a); }
void DestroyLocked() {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);
}
void UseDestroyed() {
  auto* mutex = new pthread_mutex_t;
  pthread_mutex_init(mutex, nullptr);
  pthread_mutex_destroy(mutex);
  pthread_mutex_lock(mutex);
}
void UnlockUnlocked() { pthread_mutex_unlock(&g_c); }
void Take() {
  __tsan_mutex_pre_lock(g_lock, 0);
  __tsan_mutex_post_lock(g_lock, 0, 0);
}
void ReadWhileWriting() {
  Take();
  __tsan_mutex_pre_lock(g_lock, __tsan_mutex_read_lock);
  __tsan_mutex_post_lock(g_lock, __tsan_mutex_read_lock, 0);
}
void ReadUnlockWhileWriting() {
  Take();
  __tsan_mutex_pre_unlock(g_lock, __tsan_mutex_read_lock);
  __tsan_mutex_post_unlock(g_lock, __tsan_mutex_read_lock);
}
void HoldWhereNoneMayBe() {
  std::lock_guard<std::mutex> lock(g_cart.mu);
  if (__tsan_check_no_mutexes_held != nullptr) __tsan_check_no_mutexes_held();
}

// --- threads and signals ---

void* Nothing(void*) { return nullptr; }
void LeaveThreads() {
  for (int i = 0; i < 3; ++i) {
    pthread_t thread;
    pthread_create(&thread, nullptr, Nothing, nullptr);
  }
  usleep(200'000);  // leaked are only those that have ended
}
void AllocateInHandler(int) {
  void* volatile block = malloc(10);
  free(block);
}
void AllocateInSignal() {
  struct sigaction action = {};
  action.sa_handler = AllocateInHandler;
  sigaction(SIGUSR1, &action, nullptr);
  raise(SIGUSR1);
  usleep(1000);
}

struct Mistake {
  const char* name;
  void (*make)();
};

const Mistake kMistakes[] = {
    {"global", [] { Both(Count, Recount); }},
    {"locked", [] { Both(AddToCart, PeekIntoCart); }},
    {"other_way", [] { Both(AddToCart, CheckOut); }},
    {"shared", [] { Both(Raise, Raise); }},
    {"atomic", [] { Both(Sell, Count2); }},
    {"heap",
     [] {
       g_borrowed = new int[10];
       Both(Write, Overwrite);
     }},
    {"stack",
     [] {
       int local = 0;
       g_borrowed = &local;
       Both(Write, Overwrite);
     }},
    {"tls",
     [] {
       g_second = Overwrite;
       UseTls();
     }},
    {"fd",
     [] {
       if (pipe(g_pipe) != 0) abort();
       Both(Send, Close);
     }},
    {"free",
     [] {
       g_borrowed = static_cast<int*>(malloc(40));
       Both(Free, Overwrite);
     }},
    {"vptr", DestroyItem},
    {"external",
     [] {
       g_tag = __tsan_external_register_tag("Swift dictionary");
       g_dictionary = malloc(16);
       __tsan_external_assign_tag(g_dictionary, g_tag);
       Both(Insert, LookUp);
     }},
    {"nested",
     [] {
       static void* (*const kOuter)(void*) = [](void*) -> void* {
         Both(Count, Recount);
         return nullptr;
       };
       pthread_t outer;
       pthread_create(&outer, nullptr, kOuter, nullptr);
       pthread_join(outer, nullptr);
     }},
    {"order",
     [] {
       Both(LockAb, LockBc);
       Both(LockCa, LockCa);
     }},
    {"destroy_locked", DestroyLocked},
    {"use_destroyed", UseDestroyed},
    {"unlock_unlocked", UnlockUnlocked},
    {"double_lock", [] { Both(Take, Take); }},
    {"read_while_writing", ReadWhileWriting},
    {"read_unlock_while_writing", ReadUnlockWhileWriting},
    {"wrong_context", HoldWhereNoneMayBe},
    {"leave_threads", LeaveThreads},
    {"allocate_in_handler", AllocateInSignal},
};

}  // namespace

Item::~Item() {
  NextTurn();
  AwaitTurn(2);
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    for (const Mistake& mistake : kMistakes) {
      if (std::strcmp(argv[i], mistake.name) == 0) mistake.make();
    }
  }
}
