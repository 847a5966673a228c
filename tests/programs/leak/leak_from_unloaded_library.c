// SPDX-License-Identifier: Apache-2.0
// leak_from_unloaded_library.c: a thread that a library started and forgot; the library is gone at the end,
// what is known about its code is not.
//
//   main                          worker
//   dlopen; StartWork: create     .
//   .                             return
//   dlclose
//   return                        finished, and never joined
//
// twin: dlopen_library_with_threads.c
#include <dirent.h>
#include <dlfcn.h>

#include "tests/support/order.h"

// The worker's code must not be unmapped under its feet: waits until main is the only thread.
static void AwaitAlone(void) {
  for (int threads = 0; threads != 1;) {
    DIR* tasks = opendir("/proc/self/task");
    threads = 0;
    for (struct dirent* entry = readdir(tasks); entry != NULL; entry = readdir(tasks))
      threads += entry->d_name[0] != '.';
    closedir(tasks);
  }
}

int main(void) {
  int ended = 0;
  void* library = dlopen("libforgetful.so", RTLD_NOW);
  if (library == NULL) return 1;
  int (*start_work)(int*) = (int (*)(int*))dlsym(library, "StartWork");
  start_work(&ended);  // want leak.unjoined x1: StartWork
  while (!__atomic_load_n(&ended, __ATOMIC_ACQUIRE)) OrderYield();
  AwaitAlone();
  return dlclose(library);
}
