// SPDX-License-Identifier: Apache-2.0
// spawn_every_way.c: vfork and exec, posix_spawn, popen and system, from a thread.
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static int StatusOf(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static void* SpawnAll(void* unused) {
  char* const arguments[] = {"sh", "-c", "exit 3", NULL};
  char line[32] = "";
  pid_t child = vfork();
  if (child == 0) {
    execv("/bin/sh", arguments);
    _exit(127);
  }
  printf("vfork %d\n", StatusOf(child));
  if (posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ) == 0)
    printf("spawn %d\n", StatusOf(child));
  if (posix_spawnp(&child, "sh", NULL, NULL, arguments, environ) == 0) printf("spawnp %d\n", StatusOf(child));
  FILE* pipe = popen("echo popen; exit 4", "r");
  if (fgets(line, sizeof(line), pipe) != NULL) printf("%s", line);
  int status = pclose(pipe);
  printf("%d\n", WEXITSTATUS(status));
  status = system("exit 5");
  printf("system %d\n", WEXITSTATUS(status));
  return NULL;
}

int main(void) {
  pthread_t spawner;
  pthread_create(&spawner, NULL, SpawnAll, NULL);
  return pthread_join(spawner, NULL);
}
