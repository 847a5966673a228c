// SPDX-License-Identifier: Apache-2.0
// leak_accept.c: the server is shut down by a last connection, and joined.
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/order.h"

static int listener;
static Sleeper server_asleep;

static void* Serve(void* unused) {
  AboutToSleep(&server_asleep);
  int connection = accept(listener, NULL, NULL);
  printf("accepted %d\n", connection >= 0);
  close(connection);
  return NULL;
}

int main(void) {
  pthread_t server;
  struct sockaddr_storage address = {.ss_family = AF_UNIX};
  socklen_t size = sizeof(address);
  listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr*)&address, sizeof(sa_family_t)) != 0 || listen(listener, 1) != 0)
    return 1;
  getsockname(listener, (struct sockaddr*)&address, &size);
  pthread_create(&server, NULL, Serve, NULL);
  AwaitAsleepIn(&server_asleep, SYS_accept);
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr*)&address, size) != 0) return 1;
  pthread_join(server, NULL);
  close(client);
  close(listener);
  return 0;
}
