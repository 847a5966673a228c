// SPDX-License-Identifier: Apache-2.0
// asynchronous_io.c: aio_read and aio_write run in threads that glibc keeps for a while.
#include <aio.h>
#include <errno.h>
#include <stdio.h>

static int Finish(struct aiocb* request) {
  const struct aiocb* const list[] = {request};
  while (aio_error(request) == EINPROGRESS) aio_suspend(list, 1, NULL);
  return (int)aio_return(request);
}

int main(void) {
  char text[6] = "";
  FILE* file = tmpfile();
  if (file == NULL) return 1;
  struct aiocb request = {.aio_fildes = fileno(file), .aio_buf = "hello", .aio_nbytes = 5};
  aio_write(&request);
  printf("%d\n", Finish(&request));
  request.aio_buf = text;
  aio_read(&request);
  printf("%d %s\n", Finish(&request), text);
  return fclose(file);
}
