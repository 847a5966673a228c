// SPDX-License-Identifier: Apache-2.0
// io_results_files.c: every hooked call on descriptors, files and streams, in success and failure: results and
// errno.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/show.h"

// What compilers call in programs built with _FORTIFY_SOURCE.
ssize_t __read_chk(int, void*, size_t, size_t);
ssize_t __pread_chk(int, void*, size_t, off_t, size_t);
ssize_t __pread64_chk(int, void*, size_t, off_t, size_t);
size_t __fread_chk(void*, size_t, size_t, size_t, FILE*);
char* __fgets_chk(char*, size_t, int, FILE*);
int __open_2(const char*, int);
int __open64_2(const char*, int);
int __openat_2(int, const char*, int);
int __openat64_2(int, const char*, int);

static void* volatile bad = (void*)16;  // the kernel answers EFAULT; we must not look
static char buffer[256];
static struct iovec parts[2] = {{buffer, 3}, {buffer + 3, 4}};

static int CloseAfter(int fd) {
  if (fd >= 0) close(fd);
  return fd < 0 ? fd : 0;
}

static void ShowPipes(void) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK) != 0) return;
  SHOW(read(ends[0], buffer, 1));
  SHOW(write(ends[1], "hello world", 11));
  SHOW(read(ends[0], buffer, 5));
  SHOW(__read_chk(ends[0], buffer, 2, sizeof(buffer)));
  SHOW(readv(ends[0], parts, 2));
  SHOW(writev(ends[1], parts, 2));
  SHOW(splice(ends[0], NULL, ends[1], NULL, 3, 0));
  SHOW(pread(ends[0], buffer, 1, 0));
  SHOW(read(ends[0], bad, 4));
  SHOW(readv(ends[0], bad, 1));
  SHOW(write(ends[1], bad, 4));
  SHOW(writev(ends[1], bad, 1));
  SHOW(read(ends[1], buffer, 1));
  SHOW(write(ends[0], buffer, 1));
  SHOW(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
  SHOW(fcntl(ends[0], F_SETFL, 0));
  SHOW(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
  SHOW(fcntl64(ends[0], F_SETPIPE_SZ, 65536));
  SHOW(CloseAfter(fcntl(ends[0], F_DUPFD_CLOEXEC, 100)));
  SHOW(fcntl(ends[0], F_DUPFD, -1));
  SHOW(fcntl(ends[0], 12345));
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  while (read(ends[0], buffer, sizeof(buffer)) > 0) continue;
  fcntl(ends[0], F_SETFL, 0);
  StartInterrupting();
  SHOW(read(ends[0], buffer, 1));
  StopInterrupting();
  close(ends[0]);
  close(ends[1]);
  SHOW(read(-1, buffer, 1));
  SHOW(write(-1, buffer, 1));
  SHOW(readv(-1, parts, 2));
  SHOW(writev(-1, parts, 2));
  SHOW(fcntl(-1, F_GETFD));
}

static void ShowEvents(void) {
  eventfd_t value = 0;
  int event = eventfd(0, EFD_NONBLOCK);
  SHOW(eventfd_read(event, &value));
  SHOW(eventfd_write(event, 5));
  SHOW(eventfd_read(event, &value));
  SHOW(value);
  SHOW(eventfd_write(-1, 1));
  close(event);
}

static void ShowPositions(void) {
  int file = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600);
  SHOW(pwrite(file, "0123456789", 10, 0));
  SHOW(pwrite64(file, "abc", 3, 4));
  SHOW(pread(file, buffer, 4, 3));
  SHOW(pread64(file, buffer, 100, 8));
  SHOW(__pread_chk(file, buffer, 2, 1, sizeof(buffer)));
  SHOW(__pread64_chk(file, buffer, 2, 1, sizeof(buffer)));
  SHOW(pwritev(file, parts, 2, 2));
  SHOW(preadv(file, parts, 2, 1));
  SHOW(preadv64(file, parts, 2, 1));
  SHOW(pwritev64(file, parts, 1, 20));
  SHOW(preadv2(file, parts, 2, 0, 0));
  SHOW(preadv64v2(file, parts, 2, 0, 0));
  SHOW(pwritev2(file, parts, 2, 0, RWF_SYNC));
  SHOW(pwritev64v2(file, parts, 2, -1, 0));
  SHOW(preadv2(file, parts, 2, 0, 0x40000000));
  SHOW(pread(file, buffer, 1, -5));
  SHOW(pread(file, bad, 4, 0));
  SHOW(preadv(file, bad, 2, 0));
  SHOW(pwrite(-1, buffer, 1, 0));
  SHOW(pwritev(-1, parts, 1, 0));
  SHOW(fsync(file));
  SHOW(fdatasync(file));
  SHOW(fsync(-1));
  SHOW(fdatasync(-1));
  SHOW(tcdrain(file));
  SHOW(flock(file, LOCK_EX));
  SHOW(flock(file, LOCK_EX | LOCK_NB));
  SHOW(flock(file, LOCK_UN));
  SHOW(flock(file, 99));
  SHOW(flock(-1, LOCK_SH));
  SHOW(lockf(file, F_LOCK, 0));
  SHOW(lockf(file, F_TEST, 0));
  SHOW(lockf64(file, F_ULOCK, 0));
  SHOW(lockf(-1, F_LOCK, 0));
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
  SHOW(fcntl(file, F_SETLKW, &range));
  SHOW(fcntl(file, F_GETLK, &range));
  SHOW(range.l_type == F_UNLCK);
  range.l_type = F_UNLCK;
  SHOW(fcntl(file, F_SETLK, &range));
  range = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 3};
  SHOW(fcntl(file, F_OFD_SETLKW, &range));
  SHOW(fcntl(file, F_SETLKW, bad));
  SHOW(fcntl(-1, F_SETLKW, &range));
  off_t offset = 1;
  int copy = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
  SHOW(sendfile(copy, file, &offset, 6));
  SHOW(offset);
  SHOW(sendfile64(copy, file, NULL, 1));
  SHOW(sendfile(-1, file, NULL, 1));
  SHOW(splice(file, NULL, copy, NULL, 1, 0));
  close(copy);
  close(file);
}

static mode_t ModeOf(const char* path) {
  struct stat facts;
  return stat(path, &facts) == 0 ? facts.st_mode & 07777 : 0;
}

static void ShowOpening(void) {
  umask(022);
  SHOW(CloseAfter(open("made", O_CREAT | O_WRONLY, 0664)));
  SHOW(ModeOf("made"));
  SHOW(CloseAfter(open64("made64", O_CREAT | O_WRONLY, 0600)));
  SHOW(ModeOf("made64"));
  SHOW(CloseAfter(openat(AT_FDCWD, "made_at", O_CREAT | O_RDWR | O_EXCL, 0755)));
  SHOW(ModeOf("made_at"));
  SHOW(CloseAfter(openat64(AT_FDCWD, "made_at", O_CREAT | O_RDWR | O_EXCL, 0755)));
  SHOW(CloseAfter(open(".", O_TMPFILE | O_RDWR, 0600)));
  SHOW(CloseAfter(open("missing", O_RDONLY)));
  SHOW(CloseAfter(open(bad, O_RDONLY)));
  SHOW(CloseAfter(openat(-1, "made", O_RDONLY)));
  SHOW(CloseAfter(__open_2("made", O_RDONLY)));
  SHOW(CloseAfter(__open64_2("missing", O_RDONLY)));
  SHOW(CloseAfter(__openat_2(AT_FDCWD, "made", O_RDONLY)));
  SHOW(CloseAfter(__openat64_2(AT_FDCWD, "missing", O_RDONLY)));
  SHOW(mkfifo("fifo", 0600));
  SHOW(CloseAfter(open("fifo", O_WRONLY | O_NONBLOCK)));
  SHOW(CloseAfter(open("fifo", O_RDWR)));
  StartInterrupting();
  SHOW(CloseAfter(open("fifo", O_RDONLY)));
  SHOW(CloseAfter(openat(AT_FDCWD, "fifo", O_WRONLY)));
  StopInterrupting();
  const char* names[] = {"made", "made64", "made_at", "fifo"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) unlink(names[i]);
}

static void ShowStreams(void) {
  char* line = NULL;
  size_t room = 0;
  FILE* stream = fopen("text", "w+");
  for (int i = 0; i < 2000; ++i) fprintf(stream, "line %d\n", i);
  rewind(stream);
  SHOW(fgets(buffer, 6, stream) == buffer);
  SHOW(fgets(buffer, sizeof(buffer), stream) == buffer);
  SHOW(__fgets_chk(buffer, sizeof(buffer), 100, stream) == buffer);
  SHOW(fgets(buffer, 1, stream) == buffer);
  SHOW(fgets(buffer, 0, stream) == buffer);
  SHOW(getline(&line, &room, stream));
  SHOW(getdelim(&line, &room, '3', stream));
  SHOW(__getdelim(&line, &room, '\n', stream));
  SHOW(getline(NULL, &room, stream));
  SHOW(getc(stream));
  SHOW(fgetc(stream));
  SHOW(fread(buffer, 4, 5, stream));
  SHOW(__fread_chk(buffer, sizeof(buffer), 1, 30, stream));
  SHOW(fread(buffer, 0, 5, stream));
  long sum = 0;
  while (fgets(buffer, 50, stream) != NULL) sum = sum * 31 + (long)strlen(buffer);
  SHOW(sum);
  SHOW(getc(stream));
  SHOW(feof(stream));
  SHOW(fread(buffer, 1, 1, stream));
  SHOW(getline(&line, &room, stream));
  fclose(stream);
  stream = fopen("text", "w");
  SHOW(getc(stream));
  SHOW(fread(buffer, 1, 1, stream));
  SHOW(fgets(buffer, 5, stream) == NULL);
  fclose(stream);
  stream = fmemopen((char[]){"in memory"}, 9, "r");
  SHOW(getc(stream));
  SHOW(fread(buffer, 1, 20, stream));
  SHOW(fgets(buffer, 5, stream) == NULL);
  fclose(stream);
  free(line);
}

static void ShowStandardInput(void) {
  int ends[2];
  if (pipe(ends) != 0 || write(ends[1], "xyz", 3) != 3) return;
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  clearerr(stdin);
  SHOW(getchar());
  SHOW(getchar());
  SHOW(getc(stdin));
  SHOW(getchar());
  SHOW(getchar());
}

static void ShowAll(void) {
  ShowPipes();
  ShowEvents();
  ShowPositions();
  ShowOpening();
  ShowStreams();
  ShowStandardInput();
}

int main(void) {
  char directory[] = "/tmp/io_results.XXXXXX";
  if (mkdtemp(directory) == NULL || chdir(directory) != 0) return 1;
  ShowTwice(ShowAll);
  unlink("data");
  unlink("copy");
  unlink("text");
  return rmdir(directory);
}
