// SPDX-License-Identifier: Apache-2.0
// dlopen_library_with_threads.c: a library that has a thread of its own is loaded, used and unloaded, three
// times.
//
// See library/threads.c.
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
  for (int i = 0; i < 3; ++i) {
    void* library = dlopen("libthreads.so", RTLD_NOW);
    if (library == NULL) {
      printf("%s\n", dlerror());
      return 1;
    }
    int (*do_work)(void) = (int (*)(void))dlsym(library, "DoWork");
    printf("%d\n", do_work());
    dlclose(library);
  }
  return 0;
}
