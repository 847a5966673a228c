// SPDX-License-Identifier: Apache-2.0
// incomplete_deepbind.c: a library loaded with RTLD_DEEPBIND binds to libc past the agent: its waits are not
// seen.
//
// incomplete: RTLD_DEEPBIND
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
  void* library = dlopen("libthreads.so", RTLD_NOW | RTLD_DEEPBIND);
  if (library == NULL) return 1;
  int (*do_work)(void) = (int (*)(void))dlsym(library, "DoWork");
  printf("%d\n", do_work());
  return dlclose(library);
}
