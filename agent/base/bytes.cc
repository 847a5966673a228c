// SPDX-License-Identifier: Apache-2.0
// bytes.cc: the names by which the agent's code, the compiler and libunwind call the functions of bytes.h.
// Hidden: the program keeps its own.
#include "agent/base/bytes.h"

using namespace stray::agent;  // NOLINT: the functions below are C's face of it

extern "C" {

void* memcpy(void* to, const void* from, size_t size) {
  CopyForwards(static_cast<char*>(to), static_cast<const char*>(from), size);
  return to;
}
void* memmove(void* to, const void* from, size_t size) {
  if (reinterpret_cast<uintptr_t>(to) <= reinterpret_cast<uintptr_t>(from)) return memcpy(to, from, size);
  CopyBackwards(static_cast<char*>(to), static_cast<const char*>(from), size);
  return to;
}
void* memset(void* to, int value, size_t size) {
  Fill(static_cast<char*>(to), static_cast<char>(value), size);
  return to;
}
int memcmp(const void* a, const void* b, size_t size) {
  return Compare(static_cast<const unsigned char*>(a), static_cast<const unsigned char*>(b), size);
}
// What clang makes of a memcmp that asks for equality alone.
int bcmp(const void* a, const void* b, size_t size) { return memcmp(a, b, size); }
size_t strlen(const char* text) { return Length(text); }
int strcmp(const char* a, const char* b) { return CompareText(a, b, SIZE_MAX); }
int strncmp(const char* a, const char* b, size_t most) { return CompareText(a, b, most); }
char* strcpy(char* to, const char* from) { return static_cast<char*>(memcpy(to, from, Length(from) + 1)); }
char* stpcpy(char* to, const char* from) {
  const size_t length = Length(from);
  return static_cast<char*>(memcpy(to, from, length + 1)) + length;
}
char* strchr(const char* text, int wanted) {
  return const_cast<char*>(FindFirst(text, static_cast<char>(wanted)));
}
char* strrchr(const char* text, int wanted) {
  return const_cast<char*>(FindLast(text, static_cast<char>(wanted)));
}
char* strstr(const char* text, const char* wanted) { return const_cast<char*>(FindText(text, wanted)); }

}  // extern "C"
