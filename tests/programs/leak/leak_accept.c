// SPDX-License-Identifier: Apache-2.0
// leak_accept.c: a server thread still waits for connections when main returns.
//
//   main                  server
//   listen                .
//   .                     accept         blocked by the network
//   return                .
#include <pthread.h>
#include <sys/socket.h>

#include "tests/support/order.h"

static int listener;
static Sleeper server_asleep;

static void* Serve(void* unused) {
  AboutToSleep(&server_asleep);
  accept(listener, NULL, NULL);  // want leak.alive: \[accept\]
  return NULL;
}

int main(void) {
  pthread_t server;
  listener = socket(AF_UNIX, SOCK_STREAM, 0);  // bound to a name of the kernel's choice by listen
  struct sockaddr address = {.sa_family = AF_UNIX};
  if (bind(listener, &address, sizeof(sa_family_t)) != 0 || listen(listener, 1) != 0) return 1;
  pthread_create(&server, NULL, Serve, NULL);
  AwaitAsleepIn(&server_asleep, SYS_accept);
  return 0;
}
