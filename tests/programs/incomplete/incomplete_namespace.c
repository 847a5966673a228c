// SPDX-License-Identifier: Apache-2.0
// incomplete_namespace.c: a library loaded into a namespace of its own brings its own libc: nothing of it is
// seen.
//
// incomplete: namespace
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
  void* library = dlmopen(LM_ID_NEWLM, "libthreads.so", RTLD_NOW);
  if (library == NULL) return 1;
  int (*do_work)(void) = (int (*)(void))dlsym(library, "DoWork");
  printf("%d\n", do_work());
  return dlclose(library);
}
