// SPDX-License-Identifier: Apache-2.0
// io_declarations.h: declares everything that io_functions.inc names.
//
// The aliases at the end are called by compilers only, for programs built with _FORTIFY_SOURCE; no header
// declares them for us.
#ifndef STRAY_AGENT_HOOKS_IO_DECLARATIONS_H_
#define STRAY_AGENT_HOOKS_IO_DECLARATIONS_H_

#include <dlfcn.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern "C" {

ssize_t __read_chk(int fd, void* buffer, size_t size, size_t buffer_size);
ssize_t __pread_chk(int fd, void* buffer, size_t size, off_t offset, size_t buffer_size);
ssize_t __recv_chk(int fd, void* buffer, size_t size, size_t buffer_size, int flags);
ssize_t __recvfrom_chk(int fd, void* __restrict buffer, size_t size, size_t buffer_size, int flags,
                       sockaddr* __restrict address, socklen_t* __restrict address_size);
int __poll_chk(pollfd* fds, nfds_t count, int timeout_ms, size_t fds_size);
int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask, size_t fds_size);
size_t __fread_chk(void* __restrict buffer, size_t buffer_size, size_t size, size_t count,
                   FILE* __restrict stream);
char* __fgets_chk(char* buffer, size_t buffer_size, int size, FILE* stream);
int __open_2(const char* path, int flags);
int __openat_2(int directory, const char* path, int flags);
[[noreturn]] void __longjmp_chk(__jmp_buf_tag* buffer, int value) noexcept;

}  // extern "C"

#endif  // STRAY_AGENT_HOOKS_IO_DECLARATIONS_H_
