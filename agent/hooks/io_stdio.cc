// SPDX-License-Identifier: Apache-2.0
// io_stdio.cc: input through FILE, whose inner read() is a direct call inside libc that no hook sees. std::cin
// comes this way too: it reads by getc and fread.
//
// What the buffer of the stream can serve cannot block and is forwarded unmarked: programs read byte by byte.
// The pointers are compared without the lock of the stream and are never followed; if another thread moves them
// meanwhile, a mark is missing or is there for nothing.
//
// Not seen: scanf and its family, wide characters, the _unlocked variants, and writing.
#define __NO_INLINE__ 1  // or stdio.h defines getline and getchar itself
#include "agent/hooks/blocking.h"

namespace stray::agent {
namespace {

bool Buffered(const FILE* stream, size_t bytes) {
  return static_cast<size_t>(stream->_IO_read_end - stream->_IO_read_ptr) >= bytes;
}

// fgets() stops after size - 1 bytes; with a size below 2 it does not look at the stream at all.
bool CanBlock(const FILE* stream, int size) {
  return size > 1 && !Buffered(stream, static_cast<size_t>(size) - 1);
}

// Streams without a descriptor (fmemopen) have a negative one.
WaitDescription OnStream(const FILE* stream, wire::Site site) {
  return OnDescriptor(WaitReason::kStdio, stream->_fileno, site);
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT size_t fread(void* __restrict buffer, size_t size, size_t count, FILE* __restrict stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr || Buffered(stream, size * count)) return Real().fread(buffer, size, count, stream);
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.fread, buffer, size, count,
                 stream);
}

STRAY_EXPORT size_t __fread_chk(void* __restrict buffer, size_t buffer_size, size_t size, size_t count,
                                FILE* __restrict stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr || Buffered(stream, size * count)) {
    return Real().__fread_chk(buffer, buffer_size, size, count, stream);
  }
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.__fread_chk, buffer,
                 buffer_size, size, count, stream);
}

STRAY_EXPORT char* fgets(char* __restrict buffer, int size, FILE* __restrict stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr || !CanBlock(stream, size)) return Real().fgets(buffer, size, stream);
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.fgets, buffer, size,
                 stream);
}

STRAY_EXPORT char* __fgets_chk(char* buffer, size_t buffer_size, int size, FILE* stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr || !CanBlock(stream, size))
    return Real().__fgets_chk(buffer, buffer_size, size, stream);
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.__fgets_chk, buffer,
                 buffer_size, size, stream);
}

STRAY_EXPORT ssize_t getdelim(char** __restrict line, size_t* __restrict size, int delimiter,
                              FILE* __restrict stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().getdelim(line, size, delimiter, stream);
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.getdelim, line, size,
                 delimiter, stream);
}
STRAY_EXPORT_ALIAS(__getdelim, getdelim);  // what getline() is in optimized C

STRAY_EXPORT ssize_t getline(char** __restrict line, size_t* __restrict size, FILE* __restrict stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().getline(line, size, stream);
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.getline, line, size,
                 stream);
}

STRAY_EXPORT int getc(FILE* stream) {
  if (STRAY_LIKELY(Buffered(stream, 1))) return Real().getc(stream);
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().getc(stream);
  return Blocked(thread, OnStream(stream, STRAY_CALLER_SITE(thread)), real_functions.getc, stream);
}
STRAY_EXPORT_ALIAS(fgetc, getc);

STRAY_EXPORT int getchar() {
  if (STRAY_LIKELY(Buffered(stdin, 1))) return Real().getchar();
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().getchar();
  return Blocked(thread, OnStream(stdin, STRAY_CALLER_SITE(thread)), real_functions.getchar);
}
