// SPDX-License-Identifier: Apache-2.0
// name_lookup_thread.c: getaddrinfo_a looks names up in threads that glibc keeps for a while.
#include <netdb.h>
#include <stdio.h>

int main(void) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
  struct gaicb request = {.ar_name = "127.0.0.1", .ar_request = &hints};
  struct gaicb* list[] = {&request};
  if (getaddrinfo_a(GAI_WAIT, list, 1, NULL) != 0 || gai_error(&request) != 0) return 1;
  freeaddrinfo(request.ar_result);
  puts("found");
  return 0;
}
